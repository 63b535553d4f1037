using System.Buffers.Binary;

namespace ActivityHub.Ledger.Places;

/// <summary>Where a phone was seen at a time, by an update whose time may be believed.</summary>
/// <param name="At">When the phone saw it.</param>
/// <param name="Lat">Degrees, WGS 84.</param>
/// <param name="Lon">Degrees, WGS 84.</param>
/// <param name="Accuracy">Metres; null where the phone did not say.</param>
/// <param name="Cells">In which cells it is shown.</param>
public sealed record SeenPlace(DateTimeOffset At, double Lat, double Lon, double? Accuracy, PlaceCells Cells);

/// <summary>
/// What an append must know of a phone's way so far. It stands in the feed's row, which the append locks and writes anyway, as one value that nothing else reads by its parts.
/// </summary>
/// <param name="Seen">The newest place by the phone's time; null as long as there is none.</param>
/// <param name="UnplacedAt">The newest time of an update without a place: one that is seen after this needs not be judged again when a place comes.</param>
public readonly record struct FeedPlace(SeenPlace? Seen, DateTimeOffset? UnplacedAt)
{
    private const int Count = 8;
    private const long None = long.MinValue;

    /// <summary>Null where nothing is known.</summary>
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

    /// <summary>Nothing is known where the bytes are null, or of another length.</summary>
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

    // The bits of this number are those of −0, which is written as 0.
    private static long Number(double? value) => value is { } number ? BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number) : None;

    private static long? Cell(long value) => value == None ? null : value;
}
