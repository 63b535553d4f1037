using System.Collections.Concurrent;
using ActivityHub.Ledger.Storage;

namespace ActivityHub.Workers.Lanes;

/// <summary>
/// A lane of short pieces of work, each under a lease that it took when it was claimed: does so many at once, and claims more when one
/// ends, when a signal comes, and every second. What fails by surprise is claimed again once its lease has run out.
/// </summary>
internal abstract partial class ClaimingLane<T>(
    SignalKind wakes, int atOnce, LedgerSignals signals, IHostApplicationLifetime lifetime, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly WakeUp _signal = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(raised =>
        {
            if (raised.Kind == wakes)
            {
                _signal.Raise();
            }
        });
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await LaneLoop.RunAsync(StepAsync, logger, stopping.Token);
        await Task.WhenAll(_running.Keys);
    }

    /// <summary>
    /// Claims up to the given number of due rows. A stop does not cancel it: a claim without an owner would block its rows for a whole
    /// lease.
    /// </summary>
    protected abstract Task<IReadOnlyList<T>> ClaimAsync(int most);

    protected abstract Task RunAsync(T claimed);

    /// <summary>What a person who reads the log looks it up by.</summary>
    protected abstract string NameOf(T claimed);

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var room = atOnce - _running.Count;
        var claimed = room > 0 ? await ClaimAsync(room) : [];
        foreach (var one in claimed)
        {
            var run = SurviveAsync(one);
            _running[run] = 0;
            _ = run.ContinueWith(
                ended =>
                {
                    _running.TryRemove(ended, out _);
                    _signal.Raise();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        if (claimed.Count == 0)
        {
            await _signal.WaitAsync(Tick, cancellationToken);
        }
    }

    private async Task SurviveAsync(T claimed)
    {
        await Task.Yield();
        try
        {
            await RunAsync(claimed);
        }
#pragma warning disable CA1031 // Its lease runs out, and it is claimed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(logger, NameOf(claimed), exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Work} failed; it is claimed again once its lease has run out")]
        public static partial void Surprise(ILogger logger, string work, Exception exception);
    }
}
