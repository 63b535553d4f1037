using System.Collections.Concurrent;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>
/// Wakes the streams of an inbox: at once when a signal reports a new message, and at every tick where messages wait, because a signal may
/// be lost. All idle inboxes together cost one query a tick.
/// </summary>
internal sealed partial class InboxNotifier(
    Outbox outbox, LedgerSignals signals, TimeProvider time, ILogger<InboxNotifier> logger) : BackgroundService
{
    private const int FeedsPerQuery = 1000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<long, Listener> _bells = new();

    /// <summary>Until it is left, the bell rings; null where as many listen to this one as may.</summary>
    public Listener? Join(long feedId, int most)
    {
        lock (_lock)
        {
            var bell = _bells.GetOrAdd(feedId, static _ => new Listener());
            if (bell.Listeners >= most)
            {
                return null;
            }

            bell.Listeners++;
            return bell;
        }
    }

    public void Leave(long feedId)
    {
        lock (_lock)
        {
            if (_bells.TryGetValue(feedId, out var bell) && --bell.Listeners == 0)
            {
                _bells.TryRemove(feedId, out _);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(signal =>
        {
            if (signal.Kind == SignalKind.Messages && _bells.TryGetValue(signal.FeedId, out var bell))
            {
                bell.Ring();
            }
        });
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The streams end by themselves.
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var feedIds in _bells.Keys.Chunk(FeedsPerQuery))
            {
                foreach (var feedId in await outbox.WithMessagesAsync(feedIds, stoppingToken))
                {
                    if (_bells.TryGetValue(feedId, out var bell))
                    {
                        bell.Ring();
                    }
                }
            }
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception))
        {
            Log.CouldNotLook(logger, exception);
        }
    }

    /// <summary>Of one feed.</summary>
    internal sealed class Listener
    {
        private TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Guarded by the owner's lock.</summary>
        public int Listeners { get; set; }

        /// <summary>Completes at the next ring. To be taken before the rows are looked at.</summary>
        public Task Next => Volatile.Read(ref _rung).Task;

        public void Ring() =>
            Interlocked.Exchange(ref _rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The inboxes that are followed could not be looked at, because the database cannot be reached; their streams wait")]
        public static partial void CouldNotLook(ILogger logger, Exception exception);
    }
}
