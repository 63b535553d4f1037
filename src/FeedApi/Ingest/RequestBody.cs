using System.Buffers;
using System.IO.Compression;
using ActivityHub.FeedApi.Phones;
using ActivityHub.FeedApi.Web;

namespace ActivityHub.FeedApi.Ingest;

/// <summary>
/// The body of a request, read whole into a pooled buffer, decompressed, and never larger than its bound: neither on the wire nor
/// unpacked. Holds the bytes, and beside them the problem where there is one: then they are what came until it was found.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    public const int MaxLength = 1024 * 1024;

    /// <summary>The type of the problem of a body that did not come to its end.</summary>
    public const string Broken = "body";

    private const string Unknown = "content-encoding";
    private const string Corrupt = "corrupt-encoding";

    private static readonly Problem UnknownEncoding = new(
        StatusCodes.Status415UnsupportedMediaType, Unknown, "This content encoding is not taken",
        "Send the body as it is, or with one Content-Encoding of gzip, br or deflate.");

    /// <summary>There is no room for a large one just now.</summary>
    public static readonly Problem Busy = Problem.Unavailable("Many large messages arrive at once; send it again.", TimeSpan.FromSeconds(2));

    private readonly int _max;
    private byte[] _buffer;
    private int _length;

    private RequestBody(int max, int capacity)
    {
        _max = max;
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    }

    public Problem? Problem { get; private set; }

    /// <summary>Whether all of it came and none of it could be unpacked: then the bytes are those that came.</summary>
    public bool IsPacked => Problem is { Type: Unknown or Corrupt };

    public ReadOnlySpan<byte> Bytes => Memory.Span;

    /// <summary>The same; good until this is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    private Problem TooLarge => new(
        StatusCodes.Status413PayloadTooLarge, "too-large", "The body is too large",
        $"A body may have {_max / (1024 * 1024)} MiB, also once it is decompressed; send fewer updates at a time.");

    public static Task<RequestBody> ReadAsync(HttpRequest request, int max, CancellationToken cancellationToken) => ReadAsync(request, max, null, cancellationToken);

    /// <param name="request">Whose body it is.</param>
    /// <param name="max">The most bytes that it may have, also once it is unpacked.</param>
    /// <param name="room">Where one that is larger than usual takes its place before it is unpacked and read; null where none may be.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, int max, LargeBodies.Room? room, CancellationToken cancellationToken)
    {
        // Of one that is too large nothing is read.
        var body = new RequestBody(max, request.ContentLength > max ? 256 : (int)Math.Clamp(request.ContentLength ?? 4096, 256, max));
        try
        {
            body.Problem = request.ContentLength > max
                ? body.TooLarge
                : await body.FillAsync(request, cancellationToken) ?? await body.DecompressAsync(request.Headers.ContentEncoding, room, cancellationToken);
            return body;
        }
        catch (BadHttpRequestException exception)
        {
            // The server's own bounds: a body that ends early or comes too slowly.
            body.Problem = new Problem(
                exception.StatusCode, Broken, "The body could not be read", "The body ended early or came too slowly; send it again.");
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private async ValueTask<Problem?> FillAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var part = result.Buffer;
            if (_length + part.Length > _max)
            {
                reader.AdvanceTo(part.End);
                return TooLarge;
            }

            Reserve((int)part.Length);
            part.CopyTo(_buffer.AsSpan(_length));
            _length += (int)part.Length;
            reader.AdvanceTo(part.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    private async ValueTask<Problem?> DecompressAsync(string? encoding, LargeBodies.Room? room, CancellationToken cancellationToken)
    {
        var coding = encoding?.Trim().ToLowerInvariant();
        if (string.IsNullOrEmpty(coding) || coding == "identity")
        {
            return room is not null && _length > MaxLength && !await room.EnterAsync(cancellationToken) ? Busy : null;
        }

        // What a few bytes unpack to is known once they are: up to the usual size at first, and beyond it once there is room.
        if (room is null || _max <= MaxLength || _length > MaxLength)
        {
            return room is not null && _length > MaxLength && !await room.EnterAsync(cancellationToken) ? Busy : Decompress(coding, _max).Problem;
        }

        var (isMore, problem) = Decompress(coding, MaxLength);
        return !isMore ? problem : await room.EnterAsync(cancellationToken) ? Decompress(coding, _max).Problem : Busy;
    }

    // Where it is more than the limit, the bytes stay as they came.
    private (bool IsMore, Problem? Problem) Decompress(string coding, int limit)
    {
        var packed = new MemoryStream(_buffer, 0, _length, writable: false);
        Stream? unpacking = coding switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            // RFC 9110 §8.4.1.2: what HTTP calls deflate is the zlib format.
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
            _ => null,
        };
        if (unpacking is null)
        {
            return (false, UnknownEncoding);
        }

        using (unpacking)
        {
            return Unpack(unpacking, coding, limit);
        }
    }

    private (bool IsMore, Problem? Problem) Unpack(Stream unpacking, string coding, int limit)
    {
        var unpacked = new RequestBody(limit, Math.Clamp(_length * 4, 4096, limit));
        try
        {
            while (unpacked.ReadFrom(unpacking))
            {
                if (unpacked._length == limit)
                {
                    // One byte more is read beside it: a buffer of the limit would be doubled for it.
                    Span<byte> more = stackalloc byte[1];
                    if (unpacking.Read(more) > 0)
                    {
                        return (true, limit == _max ? TooLarge : null);
                    }

                    break;
                }
            }

            (_buffer, _length, unpacked._buffer) = (unpacked._buffer, unpacked._length, _buffer);
            return (false, null);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            // Also for a body that was cut off: the switch UseStrictValidation (Directory.Build.props) makes .NET tell.
            return (false, new Problem(
                StatusCodes.Status400BadRequest, Corrupt, "The body cannot be decompressed",
                $"The body is truncated or corrupt as {coding}; nothing was stored, send it again."));
        }
        finally
        {
            unpacked.Dispose();
        }
    }

    // False at its end.
    private bool ReadFrom(Stream unpacking)
    {
        Reserve(1);
        var read = unpacking.Read(_buffer, _length, Math.Min(_buffer.Length, _max) - _length);
        _length += read;
        return read > 0;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length >= more)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _buffer.Length * 2));
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
