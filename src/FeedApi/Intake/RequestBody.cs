using System.Buffers;
using System.IO.Compression;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// The body of a request, read whole into a pooled buffer, decompressed, and never larger than its limit, neither compressed nor unpacked.
/// Where there is a problem, it holds the problem and the bytes received until then.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    public const int MaxLength = 1024 * 1024;

    private static readonly Problem UnknownEncoding = ProblemTypes.ContentEncoding.With(
        "Send the body as it is, or with one Content-Encoding of gzip, br or deflate.");

    /// <summary>There is no room for a large one just now.</summary>
    public static readonly Problem Busy = Problem.Unavailable("Many large messages arrive at once; send it again.", RetryLater.Moment);

    // A body that unpacks to no more than this takes no turn.
    private const int ShortLength = 64 * 1024;

    // Static, because the processors are shared by the whole process: half of them unpack, the other half serves the small messages of
    // other phones.
    private static readonly SemaphoreSlim Unpackings = new(Math.Max(1, Environment.ProcessorCount / 2));

    private readonly int _max;
    private byte[] _buffer;
    private int _length;

    private RequestBody(int max, int capacity)
    {
        _max = max;
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    }

    public Problem? Problem { get; private set; }

    /// <summary>Whether the whole body was received but could not be unpacked: then the bytes are the compressed ones.</summary>
    public bool IsPacked => Problem?.Type is { } type && (type == ProblemTypes.ContentEncoding || type == ProblemTypes.CorruptEncoding);

    public ReadOnlySpan<byte> Bytes => Memory.Span;

    /// <summary>The same; good until this is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    private Problem TooLarge =>
        ProblemTypes.TooLarge.With($"A body may have {SizeOf(_max)}, also once it is decompressed; send less at a time.");

    public static Task<RequestBody> ReadAsync(HttpRequest request, int max, CancellationToken cancellationToken) =>
        ReadAsync(request, max, null, cancellationToken);

    /// <param name="request">Whose body it is.</param>
    /// <param name="max">The most bytes that it may have, also once it is unpacked.</param>
    /// <param name="room">Where one that is larger than usual takes its place before it is unpacked and read; null where none may
    /// be.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<RequestBody> ReadAsync(
        HttpRequest request, int max, LargeBodies.Room? room, CancellationToken cancellationToken)
    {
        // Of one that is too large nothing is read.
        var body = new RequestBody(max, request.ContentLength > max ? 256 : (int)Math.Clamp(request.ContentLength ?? 4096, 256, max));
        try
        {
            body.Problem = request.ContentLength > max
                ? body.TooLarge
                : await body.FillAsync(request, cancellationToken)
                    ?? await body.DecompressAsync(request.Headers.ContentEncoding, room, cancellationToken);
            return body;
        }
        catch (BadHttpRequestException exception)
        {
            // The server's own bounds: a body that ends early or comes too slowly.
            body.Problem = ProblemTypes.Body.With(
                "The body ended early or came too slowly; send it again.") with
            { Status = exception.StatusCode };
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
        if (room is not null && _length > MaxLength && !await room.EnterAsync(cancellationToken))
        {
            return Busy;
        }

        var coding = encoding?.Trim().ToLowerInvariant();
        if (string.IsNullOrEmpty(coding) || coding == "identity")
        {
            return null;
        }

        await using var unpacking = Unpacking(coding, new MemoryStream(_buffer, 0, _length, writable: false));
        return unpacking is null ? UnknownEncoding : await UnpackAsync(unpacking, coding, room, cancellationToken);
    }

    private static Stream? Unpacking(string coding, MemoryStream packed) => coding switch
    {
        "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
        "br" => new BrotliStream(packed, CompressionMode.Decompress),
        // RFC 9110 §8.4.1.2: what HTTP calls deflate is the zlib format.
        "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
        _ => null,
    };

    // The size is known only after unpacking, so a body is unpacked in three steps: a short one at once, a longer one in turn with others,
    // one that is larger than usual once it has a room. Where a step fails, the bytes stay packed as they came.
    private async ValueTask<Problem?> UnpackAsync(
        Stream unpacking, string coding, LargeBodies.Room? room, CancellationToken cancellationToken)
    {
        using var unpacked = new RequestBody(_max, Math.Clamp(_length * 4, 4096, ShortLength));
        try
        {
            var isMore = unpacked.Unpack(unpacking, Math.Min(ShortLength, _max));
            if (isMore && _max > ShortLength)
            {
                isMore = await unpacked.UnpackInTurnAsync(unpacking, Math.Min(MaxLength, _max), cancellationToken);
            }

            if (isMore && _max > MaxLength)
            {
                if (room is not null && !await room.EnterAsync(cancellationToken))
                {
                    return Busy;
                }

                isMore = await unpacked.UnpackInTurnAsync(unpacking, _max, cancellationToken);
            }

            if (isMore)
            {
                return TooLarge;
            }

            (_buffer, _length, unpacked._buffer) = (unpacked._buffer, unpacked._length, _buffer);
            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            // Also for a body that was cut off: the switch UseStrictValidation (Directory.Build.props) makes .NET tell.
            return ProblemTypes.CorruptEncoding.With($"The body is truncated or corrupt as {coding}; nothing was stored, send it again.");
        }
    }

    private async ValueTask<bool> UnpackInTurnAsync(Stream unpacking, int limit, CancellationToken cancellationToken)
    {
        await Unpackings.WaitAsync(cancellationToken);
        try
        {
            return Unpack(unpacking, limit);
        }
        finally
        {
            Unpackings.Release();
        }
    }

    // Returns true where there is more than the limit. The first byte beyond it stays in the buffer for the next step.
    private bool Unpack(Stream unpacking, int limit)
    {
        var until = Math.Min(limit + 1, _max);
        while (_length < until)
        {
            Reserve(1);
            var read = unpacking.Read(_buffer, _length, Math.Min(_buffer.Length, until) - _length);
            if (read == 0)
            {
                return false;
            }

            _length += read;
        }

        // Beyond the largest limit the byte is read outside the buffer, which would be doubled for it.
        Span<byte> more = stackalloc byte[1];
        return limit < _max || unpacking.Read(more) > 0;
    }

    private static string SizeOf(int bytes) => bytes % (1024 * 1024) == 0 ? $"{bytes / (1024 * 1024)} MiB" : $"{bytes / 1024} KiB";

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
