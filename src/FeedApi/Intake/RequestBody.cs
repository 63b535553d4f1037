using System.Buffers;
using System.IO.Compression;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// The body of a request, read whole into a pooled buffer and decompressed. The limit applies to the compressed and to the unpacked size.
/// Where there is a problem, this object holds the problem and the bytes received until then.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    public const int MaxLength = 1024 * 1024;

    private static readonly Problem UnknownEncoding = ProblemTypes.ContentEncoding.With(
        "Send the body as it is, or with one Content-Encoding of gzip, br or deflate.");

    /// <summary>The problem where no slot for a large body is free.</summary>
    public static readonly Problem Busy = Problem.Unavailable("Many large messages arrive at once; send it again.", RetryLater.Moment);

    // A body up to this unpacked size does not wait for its turn.
    private const int ShortLength = 64 * 1024;

    // Static, because the processors are shared by the whole process. At most half of them unpack; the others serve the small messages of
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

    /// <summary>The bytes as memory; valid until this object is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    private Problem TooLarge =>
        ProblemTypes.TooLarge.With($"A body may have {SizeOf(_max)}, also once it is decompressed; send less at a time.");

    public static Task<RequestBody> ReadAsync(HttpRequest request, int max, CancellationToken cancellationToken) =>
        ReadAsync(request, max, null, cancellationToken);

    /// <param name="request">The request with the body.</param>
    /// <param name="max">The maximum size in bytes, also after unpacking.</param>
    /// <param name="room">Gives a body above the usual size a slot, before it is unpacked and read; null where <paramref name="max"/>
    /// allows no such body.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<RequestBody> ReadAsync(
        HttpRequest request, int max, LargeBodies.Room? room, CancellationToken cancellationToken)
    {
        // A body whose Content-Length is too large is not read at all.
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
            // The server's own limits: the body ended early or arrived too slowly.
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

    // The size is known only after unpacking, so a body is unpacked in up to three steps: the first 64 KiB at once, more in turn with other
    // bodies, and more than the usual size only with a slot. If a step fails, the bytes stay compressed as received.
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
            // Also thrown for a truncated body, because the switch UseStrictValidation is set (Directory.Build.props).
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

        // At the largest limit one more byte is read outside the buffer, which would otherwise be doubled for it.
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
