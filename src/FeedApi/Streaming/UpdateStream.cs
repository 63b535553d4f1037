using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Reading;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>
/// One open stream of one feed. The log is the source: updates after the cursor are sent in order, each through the view.
/// </summary>
internal sealed partial class UpdateStream(
    HttpContext context, WatchedFeed feed, Opened opened, FeedQuery query, Start start,
    IFeedLog log, ReceiptRecorder receipts, ReaderAccess access, RootKey root, LogGeneration generation, StreamOptions options,
    TimeProvider time, ILogger<UpdateStream> logger)
{
    private const int BatchLength = 100;

    // What a reader may owe us in memory before it has to be on its way.
    private const int MaxUnsent = 256 * 1024;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly EventWriter _events = new(context.Response.BodyWriter, TimeSpan.FromSeconds(options.WriteTimeoutSeconds), time);
    private readonly string _network = ClientNetwork.Of(context.Connection.RemoteIpAddress);
    private readonly string? _key = query.Key ?? Credentials.Of(context.Request);
    private Grant _grant = opened.Grant;
    private Positions _positions = Positions.For(opened.Grant, root, generation.Current);
    private int _accessVersion = opened.Feed.AccessVersion;
    private long _cursor = start.After;
    // The last update whose position the reader was given; null = none.
    private long? _known = start.Known;
    private long _unsent;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        EventWriter.Prepare(context.Response, "private, no-store, no-transform");
        var position = KnownPosition();
        _events.Begin(Retry, position);
        if (start.IsGap)
        {
            _events.Gap(position);
        }

        var isTaken = await _events.FlushAsync(cancellationToken);
        var began = time.GetTimestamp();
        var lifetime = options.DrawLifetime();
        while (isTaken && time.GetElapsedTime(began) < lifetime && !cancellationToken.IsCancellationRequested)
        {
            var (state, changed) = feed.Look();
            try
            {
                if (state.Row is null || !await HoldsAsync(state.Row, cancellationToken))
                {
                    return;
                }

                var showsAt = await AdvanceAsync(state, cancellationToken);
                isTaken = await SendAsync(cancellationToken);
                if (isTaken && (showsAt is not null || _cursor >= state.Row.Head))
                {
                    await WaitAsync(changed, NextLook(showsAt), cancellationToken);
                }
            }
            catch (Exception exception) when (DatabaseFault.IsAway(exception))
            {
                // A browser that reconnects now would get a 503 and give up for good; so the stream waits.
                Log.Away(logger, OpaqueId.Format(feed.Id), exception);
                isTaken = await SendAsync(cancellationToken);
                await Task.Delay(Retry, time, cancellationToken);
            }
        }

        if (!isTaken)
        {
            context.Abort();
        }
    }

    private async ValueTask<bool> HoldsAsync(FeedRow row, CancellationToken cancellationToken)
    {
        if (row.AccessVersion != _accessVersion)
        {
            if (await access.ReopenAsync(row, opened, _key, cancellationToken) is not { } grant)
            {
                return false;
            }

            var before = KnownPosition();
            (_grant, _positions, _accessVersion) = (grant, Positions.For(grant, root, generation.Current), row.AccessVersion);
            // Under another view the last id may mean nothing any more: the reader is given one that does, before the connection can break.
            if (KnownPosition() is { } now && now != before)
            {
                _events.Id(now);
                _unsent += now.Length;
            }
        }

        return _grant.Holds(time.GetUtcNow());
    }

    private string? KnownPosition() => _known is { } seq ? _positions.Write(seq) : null;

    /// <summary>
    /// Writes a bounded number of updates after the cursor. Where it stops before a delayed update, it returns the time of that.
    /// </summary>
    private async ValueTask<DateTimeOffset?> AdvanceAsync(FeedState state, CancellationToken cancellationToken)
    {
        var head = state.Row!.Head;
        if (_cursor >= head)
        {
            return null;
        }

        if (!GrantedLog.TryNarrow(_grant, query.Kinds, out var kinds))
        {
            _cursor = head;
            return null;
        }

        var isInTail = _cursor >= state.TailAfter && state.Tail.Count > 0;
        var batch = isInTail
            ? state.Tail
            : await log.ReadAfterAsync(new LogRange(feed.Id, _cursor, head, kinds, BatchLength), cancellationToken);
        var now = time.GetUtcNow();
        foreach (var update in batch)
        {
            if (update.Seq <= _cursor)
            {
                continue;
            }

            var visibility = View.Of(update, _grant, query.Kinds, now);
            if (visibility.ShowsAt is { } at)
            {
                return at;
            }

            if (visibility.IsShown)
            {
                var data = NativeUpdate.Render(visibility.Update, _positions);
                _events.Update(_positions.Write(update.Seq), update.Withdraws is not null, data);
                _known = update.Seq;
                _unsent += data.Length;
                receipts.Note(_grant, ReceiptChannel.Stream, _network, update.Seq, update.Seq);
            }

            _cursor = update.Seq;
            if (_unsent > MaxUnsent)
            {
                return null;
            }
        }

        _cursor = isInTail || batch.Count < BatchLength ? head : _cursor;
        return null;
    }

    private async ValueTask<bool> SendAsync(CancellationToken cancellationToken)
    {
        if (_unsent == 0)
        {
            if (_events.SinceLastWrite < TimeSpan.FromSeconds(options.HeartbeatSeconds))
            {
                return true;
            }

            _events.Heartbeat();
        }

        _unsent = 0;
        return await _events.FlushAsync(cancellationToken);
    }

    private TimeSpan NextLook(DateTimeOffset? showsAt)
    {
        var wait = TimeSpan.FromSeconds(options.HeartbeatSeconds) - _events.SinceLastWrite;
        var now = time.GetUtcNow();
        if (showsAt is { } at && at - now < wait)
        {
            wait = at - now;
        }

        if (_grant.Until is { } until && until - now < wait)
        {
            wait = until - now;
        }

        // Never at once: the time may be a moment away by the database's clock.
        return wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait;
    }

    private async Task WaitAsync(Task changed, TimeSpan upTo, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(upTo, time, waiting.Token));
        await waiting.CancelAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A stream of feed {Feed} waits: the database cannot be reached")]
        public static partial void Away(ILogger logger, string feed, Exception exception);
    }
}
