using System.Collections.Concurrent;
using System.Threading.Channels;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Streaming;

/// <summary>
/// Reads the rows of all feeds with open streams: at once after a signal, and at every tick, because a signal may be lost. New updates are
/// read once for all streams of a feed. An idle stream costs only its feed's place in one query a second.
/// </summary>
internal sealed partial class FeedWatch(
    IFeedLog log, LedgerSignals signals, StreamMetrics metrics, TimeProvider time, ILogger<FeedWatch> logger) : BackgroundService
{
    // Revocation closes a stream within two seconds, signal or not.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private const int FeedsPerQuery = 1000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<long, WatchedFeed> _watched = new();
    private readonly ConcurrentDictionary<long, byte> _signalled = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Until the answer is disposed, the feed is looked at.</summary>
    public WatchHandle Watch(FeedRow row)
    {
        lock (_lock)
        {
            var feed = _watched.GetOrAdd(row.Id, static (_, first) => new WatchedFeed(first), row);
            feed.Watchers++;
            feed.Offer(row, []);
            return new WatchHandle(this, feed);
        }
    }

    /// <summary>Looks once at the feeds given; says how many have changed.</summary>
    public async Task<int> LookAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        var changed = 0;
        foreach (var ids in feedIds.Chunk(FeedsPerQuery))
        {
            var rows = (await log.FindFeedsAsync(ids, cancellationToken)).ToDictionary(row => row.Id);
            var moved = ids.Where(id => rows.TryGetValue(id, out var row) && _watched.TryGetValue(id, out var feed) && feed.IsShortOf(row))
                .ToArray();
            var tails = moved.Length == 0 ? [] : await ReadTailsAsync(moved, rows, cancellationToken);
            foreach (var id in ids)
            {
                if (_watched.TryGetValue(id, out var feed) && feed.Offer(rows.GetValueOrDefault(id), tails.GetValueOrDefault(id) ?? []))
                {
                    changed++;
                }
            }
        }

        return changed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Begin();
        using var listening = signals.Listen(Note);
        var lastTick = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            var untilTick = Tick - time.GetElapsedTime(lastTick);
            if (untilTick > TimeSpan.Zero)
            {
                await WaitAsync(untilTick, stoppingToken);
            }

            try
            {
                var isTick = time.GetElapsedTime(lastTick) >= Tick;
                lastTick = isTick ? time.GetTimestamp() : lastTick;
                // Signals from here on belong to the next round.
                var signalled = _signalled.Keys.Where(id => _signalled.TryRemove(id, out _)).ToArray();
                await LookAsync(isTick ? [.. _watched.Keys] : signalled, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The tick survives: the next one looks again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CouldNotLook(logger, exception, DatabaseFault.IsAway(exception) ? "the database cannot be reached" : "of a surprise");
            }
        }
    }

    private void Note(Signal signal)
    {
        if (signal.Kind is SignalKind.Updates or SignalKind.Access && _watched.ContainsKey(signal.FeedId))
        {
            _signalled[signal.FeedId] = 0;
            _wake.Writer.TryWrite(true);
        }
    }

    private async Task WaitAsync(TimeSpan upTo, CancellationToken stoppingToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(_wake.Reader.WaitToReadAsync(waiting.Token).AsTask(), Task.Delay(upTo, time, waiting.Token));
        await waiting.CancelAsync();
        while (_wake.Reader.TryRead(out _))
        {
        }
    }

    private async Task<Dictionary<long, IReadOnlyList<FeedUpdate>>> ReadTailsAsync(
        long[] moved, Dictionary<long, FeedRow> rows, CancellationToken cancellationToken)
    {
        var ranges = moved.Select(id =>
        {
            var head = rows[id].Head;
            return new LogRange(id, _watched.TryGetValue(id, out var feed) ? feed.Head : head, head, null, WatchedFeed.MaxTail);
        });
        var read = await log.ReadAfterAsync([.. ranges], cancellationToken);
        var tails = new Dictionary<long, IReadOnlyList<FeedUpdate>>(moved.Length);
        for (var i = 0; i < moved.Length; i++)
        {
            tails[moved[i]] = read[i];
        }

        return tails;
    }

    private void Leave(WatchedFeed feed)
    {
        lock (_lock)
        {
            if (--feed.Watchers == 0)
            {
                _watched.TryRemove(feed.Id, out _);
            }
        }
    }

    /// <summary>One follower's hold on a feed.</summary>
    public sealed class WatchHandle(FeedWatch watch, WatchedFeed feed) : IDisposable
    {
        private int _left;

        public WatchedFeed Feed { get; } = feed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                watch.Leave(Feed);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The feeds that are followed could not be looked at, because {Reason}; their streams wait")]
        public static partial void CouldNotLook(ILogger logger, Exception exception, string reason);
    }
}
