using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Grants;

/// <summary>A position in a feed's log: the number of an update and the log's generation when the position was written.</summary>
/// <param name="Seq">0 or more; 0 is the position before the first update.</param>
/// <param name="Generation">1 or more.</param>
public readonly record struct Position(long Seq, int Generation)
{
    /// <summary>Parses <c>18</c> (first generation) and <c>18-2</c> (second generation).</summary>
    public static bool TryParse(string text, out Position position)
    {
        position = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var generation = LogGeneration.First;
        if (!long.TryParse(dash < 0 ? text : text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ||
            (dash >= 0 && !int.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out generation)) ||
            generation < LogGeneration.First)
        {
            return false;
        }

        position = new Position(seq, generation);
        return true;
    }
}

/// <summary>The result of reading a text as a position.</summary>
public enum PositionReading
{
    /// <summary>The text is not a position.</summary>
    None,

    /// <summary>
    /// A number, but positions of this view are opaque. It is not accepted: it would reveal how many updates the view hides.
    /// </summary>
    Number,

    /// <summary>A position, in the current form or in an earlier one.</summary>
    Known,
}

/// <summary>
/// Writes and reads positions for one grant. If its view hides nothing, a position is the update's number, and after a restore the number
/// and the generation (<c>18-2</c>). Otherwise it is one AES block under a key of the grant: gaps between plain numbers would reveal to a
/// reader of one kind that updates of other kinds exist.
/// </summary>
public sealed class Positions
{
    // No generation is as high as this. On reading, the zero bits above it show whether the hub wrote the block.
    private const int MostGenerations = 1 << 20;

    private readonly long _grantId;
    private readonly RootKey _root;
    private readonly int _generation;
    private byte[]? _key;

    private Positions(Grant grant, RootKey root, int generation) =>
        (_grantId, _root, _generation, ArePlain) = (grant.Id, root, generation, grant.HidesNothing);

    /// <summary>Whether the view hides nothing, so that positions may show update numbers.</summary>
    public bool ArePlain { get; }

    /// <summary>Whether a position is a number without a generation.</summary>
    public bool AreNumbers => ArePlain && _generation == LogGeneration.First;

    /// <param name="grant">The grant of the positions.</param>
    /// <param name="root">The installation's root key.</param>
    /// <param name="generation">The generation of the positions to write.</param>
    public static Positions For(Grant grant, RootKey root, int generation) => new(grant, root, generation);

    public string Write(long seq)
    {
        if (ArePlain)
        {
            return LogGeneration.Write(seq, _generation);
        }

        Span<byte> block = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(block, _generation - LogGeneration.First);
        BinaryPrimitives.WriteInt64BigEndian(block[8..], seq);
        using var aes = Aes.Create();
        aes.Key = Key();
        return Base64Url.EncodeToString(aes.EncryptEcb(block, PaddingMode.None));
    }

    /// <summary>
    /// Reads both forms of a number and an opaque position of this grant: the owner may have changed the view since the position was
    /// written.
    /// </summary>
    public PositionReading Read(string text, out Position position) =>
        Position.TryParse(text, out position) ? (ArePlain ? PositionReading.Known : PositionReading.Number)
        : TryOpen(text, out position) ? PositionReading.Known
        : PositionReading.None;

    /// <summary>Reads a position of this view; returns false for any other text.</summary>
    public bool TryRead(string text, out Position position) => Read(text, out position) == PositionReading.Known;

    private bool TryOpen(string text, out Position position)
    {
        position = default;
        Span<byte> sealedBlock = stackalloc byte[16];
        if (text.Length != 22 || Base64Url.DecodeFromChars(text, sealedBlock, out _, out var written) != OperationStatus.Done ||
            written != 16)
        {
            return false;
        }

        using var aes = Aes.Create();
        aes.Key = Key();
        var block = aes.DecryptEcb(sealedBlock, PaddingMode.None);
        var (generation, seq) = (BinaryPrimitives.ReadInt64BigEndian(block), BinaryPrimitives.ReadInt64BigEndian(block.AsSpan(8)));
        if (generation is < 0 or >= MostGenerations || seq < 0)
        {
            return false;
        }

        position = new Position(seq, (int)generation + LogGeneration.First);
        return true;
    }

    private byte[] Key() => _key ??= _root.PositionKey(_grantId);
}
