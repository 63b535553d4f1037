using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// Identifies a sent document, to compare a later rendering with it: the first eight bytes of its SHA-256. Computed once for each document,
/// which many subscriptions share, and stored with each attempt instead of the body.
/// </summary>
internal static class DocumentDigest
{
    public static long Of(ReadOnlySpan<byte> document)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(document, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
