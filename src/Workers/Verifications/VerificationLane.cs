using System.Collections.Concurrent;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Deliveries;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Verifications;

/// <summary>Claims requests that their callback has yet to confirm, and denials that it has yet to hear.</summary>
internal sealed partial class VerificationLane(
    IDeliveryLedger deliveries, LedgerSignals signals, Verifier verifier, IOptions<DeliveryOptions> options, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<VerificationLane> logger)
    : BackgroundService
{
    private const int AtOnce = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly WakeUp _signal = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(raised =>
        {
            if (raised.Kind == SignalKind.Verifications)
            {
                _signal.Raise();
            }
        });
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await LaneLoop.RunAsync(ClaimAsync, logger, stopping.Token);
        await Task.WhenAll(_running.Keys);
    }

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        if (await ClaimOnceAsync(cancellationToken) == 0)
        {
            await _signal.WaitAsync(Tick, cancellationToken);
        }
    }

    /// <summary>Claims and starts what is due; returns how many.</summary>
    internal async Task<int> ClaimOnceAsync(CancellationToken cancellationToken)
    {
        var room = AtOnce - _running.Count;
        if (room <= 0)
        {
            return 0;
        }

        // Not cut off by a stop: a claim that nobody knows of would keep its rows for a whole lease.
        cancellationToken.ThrowIfCancellationRequested();
        var claimed = await deliveries.ClaimVerificationsAsync(room, options.Value.Lease, time.GetUtcNow(), CancellationToken.None);
        foreach (var (feedId, id, leaseId) in claimed)
        {
            var run = RunAsync(feedId, id, leaseId);
            _running[run] = 0;
            _ = run.ContinueWith(
                ended =>
                {
                    _running.TryRemove(ended, out _);
                    _signal.Raise();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return claimed.Count;
    }

    private async Task RunAsync(long feedId, long id, long leaseId)
    {
        await Task.Yield();
        try
        {
            await verifier.VerifyAsync(feedId, id, leaseId);
        }
#pragma warning disable CA1031 // Its lease runs out, and it is claimed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(logger, Ledger.OpaqueId.Format(id), exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Verification {Verification} failed; it is claimed again once its lease has run out")]
        public static partial void Surprise(ILogger logger, string verification, Exception exception);
    }
}
