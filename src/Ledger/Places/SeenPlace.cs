using System.Buffers.Binary;

namespace ActivityHub.Ledger.Places;

/// <summary>The place of a phone at a time, from an update with a credible time.</summary>
/// <param name="At">The phone's time of the update.</param>
/// <param name="Lat">Degrees, WGS 84.</param>
/// <param name="Lon">Degrees, WGS 84.</param>
/// <param name="Accuracy">Metres; null if the phone did not report it.</param>
/// <param name="Cells">The cells in which the place is shown.</param>
public sealed record SeenPlace(DateTimeOffset At, double Lat, double Lon, double? Accuracy, PlaceCells Cells);

/// <summary>
/// The state of a phone's track that an append needs. It is stored in the feed's row, which every append locks and writes anyway, as one
/// value that no query reads by its parts.
/// </summary>
/// <param name="Seen">The newest place by the phone's time; null if there is none yet.</param>
/// <param name="UnplacedAt">
/// The newest time of an update without a place. A place seen after this time cannot change the place by which a stored update is judged.
/// </param>
public readonly record struct FeedPlace(SeenPlace? Seen, DateTimeOffset? UnplacedAt)
{
    private const int Count = 8;
    private const long None = long.MinValue;

    /// <summary>Returns null if nothing is known.</summary>
    public byte[]? ToBytes()
    {
        if (Seen is null && UnplacedAt is null)
        {
            return null;
        }

        var bytes = new byte[Count * sizeof(long)];
        ReadOnlySpan<long> values =
        [
            Time(UnplacedAt), Time(Seen?.At), Number(Seen?.Lat), Number(Seen?.Lon), Number(Seen?.Accuracy),
            Seen?.Cells.HundredMetres ?? None, Seen?.Cells.Kilometre ?? None, Seen?.Cells.TenKilometres ?? None,
        ];
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }

        return bytes;
    }

    /// <summary>Reads the value; null or bytes of another length yield the empty value.</summary>
    public static FeedPlace Read(byte[]? bytes)
    {
        if (bytes is not { Length: Count * sizeof(long) })
        {
            return default;
        }

        Span<long> values = stackalloc long[Count];
        for (var i = 0; i < Count; i++)
        {
            values[i] = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(i * sizeof(long)));
        }

        var seen = values[1] == None ? null : new SeenPlace(
            new DateTimeOffset(values[1], TimeSpan.Zero), BitConverter.Int64BitsToDouble(values[2]),
            BitConverter.Int64BitsToDouble(values[3]), values[4] == None ? null : BitConverter.Int64BitsToDouble(values[4]),
            new PlaceCells(Cell(values[5]), Cell(values[6]), Cell(values[7])));
        return new FeedPlace(seen, values[0] == None ? null : new DateTimeOffset(values[0], TimeSpan.Zero));
    }

    private static long Time(DateTimeOffset? time) => time?.UtcTicks ?? None;

    // None has the same bits as −0.0, so −0 is written as 0.
    private static long Number(double? value) => value is { } number ? BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number) : None;

    private static long? Cell(long value) => value == None ? null : value;
}
