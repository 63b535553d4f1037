using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ActivityHub.Ledger.Storage;

/// <summary>Stores times on SQLite as microseconds since 1970, the precision of PostgreSQL's timestamptz.</summary>
internal sealed class MicrosecondsConverter()
    : ValueConverter<DateTimeOffset, long>(time => StoredTime.ToMicroseconds(time), value => StoredTime.FromMicroseconds(value));

internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(time => time.ToUniversalTime(), time => time);

internal sealed class OrderedGuidConverter() : ValueConverter<Guid, byte[]>(id => id.ToByteArray(true), bytes => new Guid(bytes, true));

internal static class StoredTime
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long value) => DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);
}
