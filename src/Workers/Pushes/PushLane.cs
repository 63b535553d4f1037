using System.Collections.Concurrent;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Workers.Deliveries;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Pushes;

/// <summary>Claims push endpoints for which messages wait, and pushes to many of them at once.</summary>
internal sealed partial class PushLane(
    PushClaims claims, Pusher pusher, LedgerSignals signals, IOptions<DeliveryOptions> options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<PushLane> logger)
    : BackgroundService
{
    private const int AtOnce = 128;

    // As many posts as go in one lease may each take their whole deadline.
    private const int LeaseFactor = 4;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly WakeUp _signal = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(raised =>
        {
            if (raised.Kind == SignalKind.Messages)
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
        var claimed = await claims.ClaimAsync(room, options.Value.Lease * LeaseFactor, time.GetUtcNow());
        foreach (var one in claimed)
        {
            var run = RunAsync(one);
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

    private async Task RunAsync(ClaimedPush claimed)
    {
        await Task.Yield();
        try
        {
            await pusher.PushAsync(claimed);
        }
#pragma warning disable CA1031 // Its lease runs out, and it is claimed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(logger, OpaqueId.Format(claimed.Id), exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Push endpoint {Endpoint} failed; it is claimed again once its lease has run out")]
        public static partial void Surprise(ILogger logger, string endpoint, Exception exception);
    }
}
