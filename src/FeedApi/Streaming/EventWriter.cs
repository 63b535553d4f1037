using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>
/// Writes an event stream (WHATWG HTML §9.2) by hand: the framework's own has no comments and sends no headers before the first event.
/// </summary>
public sealed class EventWriter(PipeWriter output, TimeSpan writeTimeout, TimeProvider time)
{
    private long _lastWritten = time.GetTimestamp();

    public TimeSpan SinceLastWrite => time.GetElapsedTime(_lastWritten);

    /// <summary>Sets the headers of a streaming answer, so that no proxy buffers its events.</summary>
    public static void Prepare(HttpResponse response, string cacheControl)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = cacheControl;
        // nginx would hold them until its buffer is full.
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>
    /// Writes the first bytes, so that the headers are sent. An id without data is no event, but a client that reconnects sends the id
    /// back: updates in between are not lost, even if no event came before.
    /// </summary>
    public void Begin(TimeSpan retry, string? position)
    {
        Write(string.Create(CultureInfo.InvariantCulture, $"retry: {retry.TotalMilliseconds:0}\n: ready\n"));
        Write(position is null ? "\n" : $"id: {position}\n\n");
    }

    /// <summary>Where a reader that comes back goes on from now on; not an event.</summary>
    public void Id(string position) => Write($"id: {position}\n\n");

    /// <summary>Reports that updates are missing before the next ones.</summary>
    public void Gap(string? position)
    {
        Write(position is null ? "" : $"id: {position}\n");
        Write("event: gap\ndata: {}\n\n");
    }

    /// <summary>Writes an event; the data is one line.</summary>
    /// <param name="position">The position from which a reader continues.</param>
    /// <param name="isWithdrawal">Whether the event has the name of a withdrawal, so that a page that shows updates does not show it as
    /// one.</param>
    /// <param name="data">The native form.</param>
    public void Update(string position, bool isWithdrawal, ReadOnlySpan<byte> data) =>
        Event(position, isWithdrawal ? "withdrawn" : "update", data);

    /// <summary>The data is one line.</summary>
    public void Event(string id, string name, ReadOnlySpan<byte> data)
    {
        Write($"id: {id}\nevent: {name}\ndata: ");
        output.Write(data);
        output.Write("\n\n"u8);
    }

    public void Heartbeat() => output.Write(":\n\n"u8);

    /// <summary>False where the reader has taken nothing for too long, or has gone.</summary>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        _lastWritten = time.GetTimestamp();
        var flushing = output.FlushAsync(cancellationToken);
        if (flushing.IsCompletedSuccessfully)
        {
            return !flushing.Result.IsCompleted;
        }

        try
        {
            var result = await flushing.AsTask().WaitAsync(writeTimeout, time, cancellationToken);
            return !result.IsCompleted;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
