using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// Tells whether a document that is rendered again is what was sent: the first eight bytes of its SHA-256. Taken once for each document, which many
/// subscriptions share, and kept with each attempt in place of the body.
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
