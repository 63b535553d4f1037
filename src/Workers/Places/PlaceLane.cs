using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Lanes;

namespace ActivityHub.Workers.Places;

/// <summary>Compares new updates of feeds with their owners' named places. It is woken by appends and also polls.</summary>
internal sealed class PlaceLane(
    FeedConsumerClaims claims, PlaceConsumer follower, LedgerSignals signals, IHostApplicationLifetime lifetime,
    ILogger<PlaceLane> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);

    private readonly WakeUp _wakeUp = new();
    private readonly Lock _lock = new();
    private readonly HashSet<long> _moved = [];
    private readonly HashSet<long> _new = [];
    private HashSet<long> _followed = [];
    private bool _looksForAny = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(OnSignal);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await LaneLoop.RunAsync(StepAsync, logger, stopping.Token);
    }

    private void OnSignal(Signal raised)
    {
        if (raised.Kind is not (SignalKind.Updates or SignalKind.FeedConsumers))
        {
            return;
        }

        lock (_lock)
        {
            if (raised.Kind == SignalKind.FeedConsumers)
            {
                _followed.Add(raised.FeedId);
                _new.Add(raised.FeedId);
            }

            // Almost no feed is followed, and all of them are heard here.
            if (!_followed.Contains(raised.FeedId))
            {
                return;
            }

            _moved.Add(raised.FeedId);
        }

        _wakeUp.Raise();
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        long[] moved;
        lock (_lock)
        {
            moved = [.. _moved.Take(PlaceConsumer.FeedsAtOnce)];
            _moved.ExceptWith(moved);
        }

        if (_looksForAny)
        {
            await RefreshAsync(cancellationToken);
            _looksForAny = (await follower.FollowOnceAsync(null, cancellationToken)).Feeds > 0;
        }

        if (moved.Length > 0)
        {
            var (_, unfinished) = await follower.FollowOnceAsync(moved, cancellationToken);
            lock (_lock)
            {
                _moved.UnionWith(unfinished);
            }
        }
        else if (!_looksForAny && !HasMoved())
        {
            _looksForAny = !await _wakeUp.WaitAsync(Tick, cancellationToken);
        }
    }

    private bool HasMoved()
    {
        lock (_lock)
        {
            return _moved.Count > 0;
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _new.Clear();
        }

        var followed = await claims.FollowedAsync(PlaceConsumers.Name, cancellationToken);
        lock (_lock)
        {
            // Includes the feeds whose signals came during the read.
            _followed = followed;
            _followed.UnionWith(_new);
        }
    }
}
