using System.Buffers;
using System.IO.Compression;
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

    private static readonly Problem UnknownEncoding = new(
        StatusCodes.Status415UnsupportedMediaType, "content-encoding", "This content encoding is not taken",
        "Send the body as it is, or with one Content-Encoding of gzip, br or deflate.");

    private readonly int _max;
    private byte[] _buffer;
    private int _length;

    private RequestBody(int max, int capacity)
    {
        _max = max;
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    }

    public Problem? Problem { get; private set; }

    public ReadOnlySpan<byte> Bytes => Memory.Span;

    /// <summary>The same; good until this is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    private Problem TooLarge => new(
        StatusCodes.Status413PayloadTooLarge, "too-large", "The body is too large",
        $"A body may have {_max / (1024 * 1024)} MiB, also once it is decompressed; send fewer updates at a time.");

    public static async Task<RequestBody> ReadAsync(HttpRequest request, int max, CancellationToken cancellationToken)
    {
        var body = new RequestBody(max, (int)Math.Clamp(request.ContentLength ?? 4096, 256, max + 1));
        try
        {
            body.Problem = request.ContentLength > max
                ? body.TooLarge
                : await body.FillAsync(request, cancellationToken) ?? body.Decompress(request.Headers.ContentEncoding);
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

    private Problem? Decompress(string? encoding)
    {
        if (string.IsNullOrEmpty(encoding) || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var packed = new MemoryStream(_buffer, 0, _length, writable: false);
        Stream? unpacking = encoding.Trim().ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            // RFC 9110 §8.4.1.2: what HTTP calls deflate is the zlib format.
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
            _ => null,
        };
        if (unpacking is null)
        {
            return UnknownEncoding;
        }

        using (unpacking)
        {
            return Unpack(unpacking, encoding);
        }
    }

    private Problem? Unpack(Stream unpacking, string encoding)
    {
        var packed = _buffer;
        var unpacked = new RequestBody(_max, Math.Clamp(_length * 4, 4096, _max + 1));
        try
        {
            int read;
            do
            {
                unpacked.Reserve(1);
                read = unpacking.Read(unpacked._buffer, unpacked._length, unpacked._buffer.Length - unpacked._length);
                unpacked._length += read;
            }
            while (read > 0 && unpacked._length <= _max);

            if (unpacked._length > _max)
            {
                return TooLarge;
            }

            (_buffer, _length, unpacked._buffer) = (unpacked._buffer, unpacked._length, packed);
            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            // Also for a body that was cut off: the switch UseStrictValidation (Directory.Build.props) makes .NET tell.
            return new Problem(
                StatusCodes.Status400BadRequest, "corrupt-encoding", "The body cannot be decompressed",
                $"The body is truncated or corrupt as {encoding.Trim().ToLowerInvariant()}; nothing was stored, send it again.");
        }
        finally
        {
            unpacked.Dispose();
        }
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
