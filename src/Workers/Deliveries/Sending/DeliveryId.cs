using System.Buffers.Binary;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// The id of a delivery, <c>Hub-Delivery</c> and <c>webhook-id</c>, made from its new updates and its subscription. Each try of the same
/// delivery has the same id, also from another process and after a restart; a delivery to which an update was added has another one, so a
/// subscriber that skips a known id skips no new update. It is made from entry ids, which a reader knows, and so reveals nothing that a
/// view hides.
/// </summary>
internal static class DeliveryId
{
    /// <summary>A UUID of version 8 (RFC 9562 §5.8). Not a secret: two rounds of mixing spread it well enough for a name.</summary>
    public static Guid Of(long subscriptionId, IReadOnlyList<FeedUpdate> shown)
    {
        Span<byte> bytes = stackalloc byte[16];
        var (high, low) = (Mix((ulong)subscriptionId), Mix((ulong)subscriptionId ^ 0x9E37_79B9_7F4A_7C15));
        foreach (var update in (ReadOnlySpan<FeedUpdate>)[shown[0], shown[^1]])
        {
            update.EntryId.TryWriteBytes(bytes, bigEndian: true, out _);
            high = Mix(high ^ BinaryPrimitives.ReadUInt64BigEndian(bytes));
            low = Mix(low ^ BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) ^ high);
        }

        high = Mix(high ^ (ulong)shown.Count);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Mix(low ^ high));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    // The finalizer of SplitMix64: each bit of the input turns about half of those of the output.
    private static ulong Mix(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
