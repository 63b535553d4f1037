using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Writes and reads positions for one grant. Where its view hides nothing, a position is the update's number. Otherwise it is one
/// AES block under a key of that grant: the gaps of plain numbers would tell the reader of one kind that others happened.
/// </summary>
public sealed class Positions
{
    private readonly byte[]? _key;

    private Positions(byte[]? key) => _key = key;

    public bool ArePlain => _key is null;

    public static Positions For(Grant grant, RootKey root) => new(grant.HidesNothing ? null : root.PositionKey(grant.Id));

    public string Write(long seq)
    {
        if (_key is null)
        {
            return seq.ToString(CultureInfo.InvariantCulture);
        }

        // The upper half is zero: it tells on reading whether the block is one of ours.
        Span<byte> block = stackalloc byte[16];
        block.Clear();
        BinaryPrimitives.WriteInt64BigEndian(block[8..], seq);
        using var aes = Aes.Create();
        aes.Key = _key;
        return Base64Url.EncodeToString(aes.EncryptEcb(block, PaddingMode.None));
    }

    public bool TryRead(string text, out long seq)
    {
        if (_key is null)
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seq);
        }

        seq = 0;
        Span<byte> sealedBlock = stackalloc byte[16];
        if (text.Length != 22 || Base64Url.DecodeFromChars(text, sealedBlock, out _, out var written) != OperationStatus.Done || written != 16)
        {
            return false;
        }

        using var aes = Aes.Create();
        aes.Key = _key;
        var block = aes.DecryptEcb(sealedBlock, PaddingMode.None);
        seq = BinaryPrimitives.ReadInt64BigEndian(block.AsSpan(8));
        return BinaryPrimitives.ReadInt64BigEndian(block) == 0 && seq >= 0;
    }
}
