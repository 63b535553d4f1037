using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ActivityHub.FeedApi.Reading;

/// <summary>A rendered document with everything that its answer says, shared among all who read the same.</summary>
internal sealed class RenderedDocument
{
    // Below this, packing costs more than it saves.
    private const int WorthPacking = 512;

    private readonly byte[] _bytes;
    private readonly string _hash;
    private readonly string _plainTag;
    private byte[]? _gzip;
    private byte[]? _brotli;

    public RenderedDocument(byte[] bytes)
    {
        _bytes = bytes;
        // Half of a SHA-256 distinguishes documents as well as all of it, in half the header.
        _hash = Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 16));
        _plainTag = $"\"{_hash}\"";
    }

    public required string ContentType { get; init; }

    /// <summary>Null where there is none.</summary>
    public string? Link { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    /// <summary>False where something else was received in the same second, so that <c>If-Modified-Since</c> would overlook it.</summary>
    public required bool LastModifiedTells { get; init; }

    public required bool IsPublic { get; init; }

    /// <summary>The value of <c>Hub-Gap</c>; null where the reader has missed no update.</summary>
    public string? Gap { get; init; }

    /// <summary>The oldest and the newest update in it; null where there is none.</summary>
    public (long From, long To)? Range { get; init; }

    public int Length => _bytes.Length;

    /// <summary>The coding that is really used: small documents go as they are.</summary>
    public ContentCoding Narrow(ContentCoding accepted) => _bytes.Length < WorthPacking ? ContentCoding.Identity : accepted;

    /// <summary>Strong, and so another one for each coding (RFC 9110 §8.8.3.3).</summary>
    public string ETag(ContentCoding coding) => coding == ContentCoding.Identity ? _plainTag : $"\"{_hash}-{coding.Token()}\"";

    public byte[] Bytes(ContentCoding coding) => coding switch
    {
        // Two readers may pack at the same time; both get the same bytes.
        ContentCoding.Gzip => _gzip ??= Pack(static output => new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true)),
        ContentCoding.Brotli => _brotli ??= Pack(static output => new BrotliStream(output, CompressionLevel.Optimal, leaveOpen: true)),
        _ => _bytes,
    };

    private byte[] Pack(Func<Stream, Stream> packing)
    {
        var output = new MemoryStream(_bytes.Length / 3);
        using (var stream = packing(output))
        {
            stream.Write(_bytes);
        }

        return output.ToArray();
    }
}
