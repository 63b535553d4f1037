using System.Data.Common;
using System.Threading.Channels;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// Writes what the lanes have done, for all of them in one transaction: while one batch is being written, the next gathers. A batch that
/// the database does not take is tried again; the leases say whether it still counts.
/// </summary>
internal sealed partial class CompletionWriter(
    IDeliveryLedger deliveries, DeliveryMetrics metrics, ILogger<CompletionWriter> logger) : BackgroundService
{
    private const int Most = 500;

    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    // docs/architecture.md, Rules of delivery: after a crash, at most so many accepted POSTs repeat.
    private const int MostUnwritten = 500;

    private int _unwritten;

    /// <summary>At so many unwritten completions a caller that adds one waits for it.</summary>
    public bool IsBehind => Volatile.Read(ref _unwritten) >= MostUnwritten;

    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(20_000) { SingleReader = true });

    /// <summary>True once it is written; false where the lease, or for a rejoin the place in the express lane, was not to be had.</summary>
    public async Task<bool> ChangeAsync(CursorChange change, Attempt? attempt = null)
    {
        var item = new Item { Change = change, Attempt = attempt };
        Interlocked.Increment(ref _unwritten);
        try
        {
            await _queue.Writer.WriteAsync(item, CancellationToken.None);
            return (await item.Done.Task).Held;
        }
        finally
        {
            Interlocked.Decrement(ref _unwritten);
        }
    }

    public async Task<(ShardCompletionOutcome Outcome, long Head)> SleepAsync(ShardCompletion sleep)
    {
        var item = new Item { Sleep = sleep };
        await _queue.Writer.WriteAsync(item, CancellationToken.None);
        var result = await item.Done.Task;
        return (result.Sleep, result.Head);
    }

    /// <summary>Called after all lanes have stopped: writes their last completions and ends the writer.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } loop)
        {
            // However much of the stop time the lanes have used, their completions are still written.
            await loop.WaitAsync(FlushTime, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        metrics.Begin();
        metrics.ObserveCompletions(() => Volatile.Read(ref _unwritten));
        var items = new List<Item>();
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (items.Count < Most && _queue.Reader.TryRead(out var item))
            {
                items.Add(item);
            }

            await WriteAsync(items, stoppingToken);
            items.Clear();
        }
    }

    private async Task WriteAsync(List<Item> items, CancellationToken stoppingToken)
    {
        // At most one change a cursor and lease: the last one says it all. One under a lease that is lost must not stand for one that
        // holds.
        var changes = items.Where(item => item.Change is { } change && !IsRejoin(change))
            .GroupBy(item => (item.Change!.SubscriptionId, item.Change.LeaseId, item.Change.From)).Select(group => group.ToList()).ToList();
        var rejoins = items.Where(item => item.Change is { } change && IsRejoin(change)).ToList();
        var sleeps = items.Where(item => item.Sleep is not null).ToList();
        var batch = new CompletionBatch(
            [.. changes.Select(
                group =>
                    group[^1].Change! with { LastStatus = group.FindLast(
                        item => item.Change!.LastStatus is not null)?.Change!.LastStatus })],
            [.. sleeps.Select(item => item.Sleep!)], [.. rejoins.Select(item => item.Change!)],
            [.. items.Where(item => item.Attempt is not null).Select(item => item.Attempt!)]);
        while (true)
        {
            try
            {
                var started = TimeProvider.System.GetTimestamp();
                var result = await deliveries.CompleteAsync(batch, CancellationToken.None);
                metrics.Completed(items.Count, TimeProvider.System.GetElapsedTime(started));
                for (var i = 0; i < changes.Count; i++)
                {
                    changes[i].ForEach(item => item.Done.TrySetResult(new Result(result.Changed[i], default, 0)));
                }

                for (var i = 0; i < sleeps.Count; i++)
                {
                    sleeps[i].Done.TrySetResult(new Result(false, result.Slept[i].Outcome, result.Slept[i].Head));
                }

                for (var i = 0; i < rejoins.Count; i++)
                {
                    rejoins[i].Done.TrySetResult(new Result(result.Rejoined[i], default, 0));
                }

                return;
            }
            catch (RefusedByDatabaseException exception) when (batch.Attempts.Count > 0)
            {
                // Of all that is written only the attempts hold what others have said: better without them than not at all.
                Log.AttemptsDropped(logger, batch.Attempts.Count, exception.Message);
                batch = batch with { Attempts = [] };
            }
            catch (Exception exception) when (exception is DbException or InvalidOperationException or IOException or TimeoutException)
            {
                Log.Away(logger, items.Count, exception);
                if (stoppingToken.IsCancellationRequested)
                {
                    // An accepted delivery that is not written repeats after the next start: at least once.
                    items.ForEach(item => item.Done.TrySetResult(default));
                    return;
                }

                await Task.Delay(RetryAfter, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static bool IsRejoin(CursorChange change) => change is { From: Lane.CatchUp, To: Lane.Express };

    private readonly record struct Result(bool Held, ShardCompletionOutcome Sleep, long Head);

    private sealed class Item
    {
        public CursorChange? Change { get; init; }

        public ShardCompletion? Sleep { get; init; }

        public Attempt? Attempt { get; init; }

        public TaskCompletionSource<Result> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "The database will not take one of {Attempts} attempts ({Reason}); they are left out")]
        public static partial void AttemptsDropped(ILogger logger, int attempts, string reason);

        [LoggerMessage(1, LogLevel.Error, "The database could not be written: {Items} completions wait for it")]
        public static partial void Away(ILogger logger, int items, Exception exception);
    }
}
