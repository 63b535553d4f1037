using ActivityHub.FeedApi.Settings;
using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>
/// One app that streams its phone's inbox: first all messages that are not acknowledged, then each new one. A sent event is not an
/// acknowledgement, so <c>Last-Event-ID</c> is not used: a client that reconnects gets every unacknowledged message.
/// </summary>
internal sealed partial class InboxStream(
    HttpContext context, string device, OpenedInbox opened, WatchedFeed feed, InboxNotifier.Listener bell, InboxAccess inbox, Outbox outbox,
    StreamOptions options, TimeProvider time, ILogger<InboxStream> logger)
{
    private const int BatchLength = 20;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly EventWriter _events = new(context.Response.BodyWriter, TimeSpan.FromSeconds(options.WriteTimeoutSeconds), time);
    private int _accessVersion = opened.Feed.AccessVersion;
    private long _sent;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        EventWriter.Prepare(context.Response, "no-store");
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        _events.Begin(Retry, position: null);
        var isTaken = await _events.FlushAsync(cancellationToken);
        var began = time.GetTimestamp();
        var lifetime = options.DrawLifetime();
        var rung = Task.CompletedTask;
        while (isTaken && time.GetElapsedTime(began) < lifetime && !cancellationToken.IsCancellationRequested)
        {
            var (state, changed) = feed.Look();
            try
            {
                if (!await HoldsAsync(state.Row, cancellationToken))
                {
                    return;
                }

                var isMore = false;
                if (rung.IsCompleted)
                {
                    // Taken before the rows are read: a message written in between wakes the next round.
                    rung = bell.Next;
                    (isTaken, isMore) = await SendAsync(cancellationToken);
                    rung = isMore ? Task.CompletedTask : rung;
                }

                isTaken = isTaken && await BeatAsync(cancellationToken);
                if (isTaken && !isMore)
                {
                    await WaitAsync(changed, rung, cancellationToken);
                }
            }
            catch (Exception exception) when (DatabaseFault.IsAway(exception))
            {
                Log.Away(logger, OpaqueId.Format(opened.Feed.Id), exception);
                rung = Task.CompletedTask;
                isTaken = await BeatAsync(cancellationToken);
                await Task.Delay(Retry, time, cancellationToken);
            }
        }

        if (!isTaken)
        {
            context.Abort();
        }
    }

    private async ValueTask<bool> HoldsAsync(FeedRow? row, CancellationToken cancellationToken)
    {
        if (row is null)
        {
            return false;
        }

        if (row.AccessVersion != _accessVersion)
        {
            _accessVersion = row.AccessVersion;
            return await inbox.OpenAsync(context.Request, device, cancellationToken) is not null;
        }

        return true;
    }

    private async ValueTask<(bool IsTaken, bool IsMore)> SendAsync(CancellationToken cancellationToken)
    {
        var waiting = await outbox.WaitingAsync(opened.Feed.Id, _sent, BatchLength, cancellationToken);
        if (waiting.Count == 0)
        {
            return (true, false);
        }

        foreach (var message in waiting)
        {
            _events.Event(OpaqueId.Format(message.Id), "message", NativeMessage.Render(message));
        }

        var isTaken = await _events.FlushAsync(cancellationToken);
        if (isTaken)
        {
            _sent = waiting[^1].Id;
            await outbox.NoteSentAsync(
                opened.Feed.Id, [.. waiting.Select(message => message.Id)], MessageChannel.Stream, cancellationToken);
        }

        return (isTaken, waiting.Count == BatchLength);
    }

    private async ValueTask<bool> BeatAsync(CancellationToken cancellationToken)
    {
        if (_events.SinceLastWrite < TimeSpan.FromSeconds(options.HeartbeatSeconds))
        {
            return true;
        }

        _events.Heartbeat();
        return await _events.FlushAsync(cancellationToken);
    }

    private async Task WaitAsync(Task changed, Task rung, CancellationToken cancellationToken)
    {
        var upTo = TimeSpan.FromSeconds(options.HeartbeatSeconds) - _events.SinceLastWrite;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(
            changed, rung, Task.Delay(upTo < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : upTo, time, waiting.Token));
        await waiting.CancelAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The inbox of feed {Feed} waits: the database cannot be reached")]
        public static partial void Away(ILogger logger, string feed, Exception exception);
    }
}
