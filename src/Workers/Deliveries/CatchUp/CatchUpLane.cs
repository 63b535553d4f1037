using System.Collections.Concurrent;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Deliveries.Express;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.CatchUp;

/// <summary>
/// Claims subscriptions that are behind, slow or failing, each under a lease of its own, and serves them beside the express lane.
/// </summary>
internal sealed partial class CatchUpLane(
    IDeliveryLedger deliveries, LedgerSignals signals, CatchUpSignal signal, CatchUpDependencies dependencies, DeliveryMetrics metrics,
    IOptions<DeliveryOptions> options, TimeProvider time, IHostApplicationLifetime lifetime,
    ILogger<CatchUpLane> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<CatchUpRun, Task> _running = new();
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private Task _claiming = Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        // What a last claim has brought comes first: it is given back like all the rest.
        await _claiming.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(raised =>
        {
            if (raised.Kind == SignalKind.Subscriptions)
            {
                signal.Raise();
            }

            if (raised.Kind != SignalKind.Verifications)
            {
                Hint(raised);
            }
        });
        metrics.ObserveQueue(Lane.CatchUp, () => _running.Count);
        _claiming = LaneLoop.RunAsync(ClaimAsync, logger, _stopping.Token);
        await Task.WhenAll(_claiming, LaneLoop.RunAsync(RenewAsync, logger, stoppingToken));
    }

    /// <summary>Claims and starts the due cursors, within the lane's slots; returns how many.</summary>
    internal async Task<int> ClaimOnceAsync(CancellationToken cancellationToken)
    {
        // Cursors that fail repeatedly get half of the slots at most, so cursors that are only behind do not wait for them.
        var most = options.Value.CatchUpInFlight;
        var room = most - _running.Count;
        var retries = Math.Min(room, Math.Max(1, most / 2) - _running.Keys.Count(run => run.Cursor.Failures > 0));
        if (room <= 0)
        {
            return 0;
        }

        var askedAt = TimeProvider.System.GetTimestamp();
        // A stop does not cancel it: a claim without an owner would block its cursors for a whole lease.
        cancellationToken.ThrowIfCancellationRequested();
        var claimed = await deliveries.ClaimCatchUpAsync(
            room, Math.Max(0, retries), options.Value.Lease, time.GetUtcNow(), CancellationToken.None);
        foreach (var cursor in claimed)
        {
            var run = new CatchUpRun(cursor, new HeldLease(options.Value.Lease, askedAt), dependencies, _stopping.Token);
            _running[run] = Task.CompletedTask;
            var task = RunAsync(run);
            _running.TryUpdate(run, task, Task.CompletedTask);
        }

        metrics.Claimed(Lane.CatchUp, claimed.Count);
        return claimed.Count;
    }

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        if (await ClaimOnceAsync(cancellationToken) == 0)
        {
            await signal.WaitAsync(Tick, cancellationToken);
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(options.Value.RenewEvery / 5, TimeProvider.System, cancellationToken);
        var old = _running.Keys.Where(run => run.Lease.Age > options.Value.RenewEvery).ToList();
        if (old.Count == 0)
        {
            return;
        }

        var askedAt = TimeProvider.System.GetTimestamp();
        var renewed = await deliveries.RenewCursorsAsync([.. old.Select(run => run.Cursor)], options.Value.Lease, cancellationToken);
        for (var i = 0; i < old.Count; i++)
        {
            if (renewed[i])
            {
                old[i].Lease.Renewed(askedAt);
            }
            else
            {
                old[i].Lease.Lose();
            }
        }
    }

    private void Hint(Signal raised)
    {
        foreach (var (run, _) in _running)
        {
            if (run.Cursor.Key.FeedId == raised.FeedId)
            {
                run.Hint(subscriptionsChanged: raised.Kind == SignalKind.Subscriptions);
            }
        }
    }

    private async Task RunAsync(CatchUpRun run)
    {
        await Task.Yield();
        try
        {
            await run.RunAsync();
        }
#pragma warning disable CA1031 // Whatever happened to one subscription: its lease runs out, and it is claimed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(logger, Ledger.OpaqueId.Format(run.Cursor.SubscriptionId), exception);
            await run.FailAsync();
        }
        finally
        {
            _running.TryRemove(run, out _);
            signal.Raise();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Catching up subscription {Subscription} failed; it is tried again as after any failure")]
        public static partial void Surprise(ILogger logger, string subscription, Exception exception);
    }
}
