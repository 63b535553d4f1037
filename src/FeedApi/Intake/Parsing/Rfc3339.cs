using System.Globalization;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Reads and writes times of RFC 3339 §5.6: a date, a time with any number of fraction digits (stored to microseconds), and an offset,
/// which is required.
/// </summary>
internal static class Rfc3339
{
    private const int SecondsEnd = 19;

    public static string Write(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);

    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < SecondsEnd + 1 || text[4] != '-' || text[7] != '-' ||
            text[10] is not ((byte)'T' or (byte)'t') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        if (!TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month) || !TryNumber(text[8..10], out var day) ||
            !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute) || !TryNumber(text[17..19], out var second))
        {
            return false;
        }

        if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 ||
            second > 60)
        {
            return false;
        }

        return TryFraction(text[SecondsEnd..], out var microseconds, out var rest) && TryOffset(rest, out var offset) &&
            TryBuild(new DateTime(year, month, day, hour, minute, Math.Min(second, 59)), second == 60, microseconds, offset, out time);
    }

    private static bool TryBuild(DateTime local, bool isLeapSecond, int microseconds, TimeSpan offset, out DateTimeOffset time)
    {
        time = default;
        var utcTicks = local.Ticks - offset.Ticks;
        if (utcTicks < 0 || utcTicks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(local, offset);
        if (!isLeapSecond)
        {
            time = time.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
            return true;
        }

        // A leap second ends a day of UTC (RFC 3339 §5.7). .NET has none: it is stored as the last microsecond before midnight.
        time = time.AddTicks(999_999 * TimeSpan.TicksPerMicrosecond);
        return time.UtcDateTime is { Hour: 23, Minute: 59 };
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, out int microseconds, out ReadOnlySpan<byte> rest)
    {
        microseconds = 0;
        rest = text;
        if (text[0] != '.')
        {
            return true;
        }

        var digits = 0;
        for (rest = text[1..]; !rest.IsEmpty && char.IsAsciiDigit((char)rest[0]); rest = rest[1..], digits++)
        {
            microseconds = digits < 6 ? (microseconds * 10) + (rest[0] - '0') : microseconds;
        }

        for (var i = digits; i < 6; i++)
        {
            microseconds *= 10;
        }

        return digits > 0;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is [(byte)'Z' or (byte)'z'])
        {
            return true;
        }

        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _] || !TryNumber(text[1..3], out var hours) ||
            !TryNumber(text[4..], out var minutes))
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        // No local time is further from UTC, and .NET accepts no larger offset.
        var isKnown = minutes < 60 && offset <= TimeSpan.FromHours(14);
        offset = text[0] == '-' ? -offset : offset;
        return isKnown;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}
