using System.Collections.Concurrent;
using System.Threading.Channels;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>
/// Claims the marks of shards that have something new, as signals name them, and all buckets in turn whether or not they were named. Each
/// claimed shard is then its own <see cref="ExpressShard"/>.
/// </summary>
internal sealed partial class ExpressLane(
    IDeliveryLedger deliveries, LedgerSignals signals, ShardHandOff fresh, ExpressDependencies dependencies, DeliveryMetrics metrics,
    IOptions<DeliveryOptions> options, IHostApplicationLifetime lifetime, ILogger<ExpressLane> logger) : BackgroundService
{
    // Every bucket is looked at within two seconds: an eighth of them each quarter of a second.
    private const short Slices = 8;
    private const short Buckets = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan GiveBackEvery = TimeSpan.FromMilliseconds(50);

    // Of a wide feed a process takes so many shards at a time: the others have theirs.
    private const int ShardsAFeed = 4;
    private const short MostShards = FeedShard.MostShards;

    // The net under the net: the rows that it looks for should not exist.
    private const int TicksARescue = 2400;

    private readonly ConcurrentDictionary<ShardKey, ExpressShard> _held = new();

    // Feeds of several shards, as far as this process has met them.
    private readonly ConcurrentDictionary<long, byte> _wide = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    // As soon as the process is to stop, all lanes stop claiming, and drain side by side.
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private readonly Channel<Signal> _hints =
        Channel.CreateBounded<Signal>(
            new BoundedChannelOptions(20_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private Task _claiming = Task.CompletedTask;
    private int _ticks;

    /// <summary>How many lagging rows the sweep has found; a test holds it at 0.</summary>
    internal int Rescued { get; private set; }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        // What a last claim has brought comes first: it is given back like all the rest.
        await _claiming.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // In-flight POSTs may use their timeout to end; the next process picks up unfinished work.
        await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = signals.Listen(signal =>
        {
            if (signal.Kind != SignalKind.Verifications)
            {
                _hints.Writer.TryWrite(signal);
            }
        });
        fresh.Serve(Offer, Take);
        metrics.ObserveQueue(Lane.Express, () => _held.Count);
        using var waking = _stopping.Token.Register(WakeAll);
        // Leases are renewed to the end, since POSTs in flight at the stop may still be written.
        _claiming = Task.WhenAll(
            LaneLoop.RunAsync(ClaimHintedAsync, logger, _stopping.Token), LaneLoop.RunAsync(TickAsync, logger, _stopping.Token));
        await Task.WhenAll(
            _claiming, LaneLoop.RunAsync(RenewAsync, logger, stoppingToken), LaneLoop.RunAsync(GiveBackAsync, logger, stoppingToken));
    }

    /// <summary>Claims and starts what signals named; returns how many shards.</summary>
    internal async Task<int> ClaimHintedAsync(CancellationToken cancellationToken)
    {
        await _hints.Reader.WaitToReadAsync(cancellationToken);
        var feedIds = new HashSet<long>();
        while (feedIds.Count < 1000 && _hints.Reader.TryRead(out var signal))
        {
            if (!HintHeld(signal))
            {
                feedIds.Add(signal.FeedId);
            }
        }

        if (feedIds.Count == 0 || !HasRoom)
        {
            return 0;
        }

        var askedAt = TimeProvider.System.GetTimestamp();
        // A stop does not cancel it: a claim without an owner would block its shards for a whole lease.
        return Start(await deliveries.ClaimShardsAsync(feedIds, ShardsAFeed, options.Value.Lease, CancellationToken.None), askedAt);
    }

    /// <summary>Claims and starts the due shards in the next slice of the buckets; returns how many.</summary>
    internal async Task<int> SweepOnceAsync(CancellationToken cancellationToken)
    {
        var slice = (short)(_ticks++ % Slices);
        var from = (short)(slice * (Buckets / Slices));
        var to = (short)(from + (Buckets / Slices) - 1);
        if (_ticks % TicksARescue < Slices)
        {
            var rescued = await deliveries.RescueAsync(from, to, dependencies.Now, cancellationToken);
            if (rescued > 0)
            {
                Rescued += rescued;
                metrics.Rescued(rescued);
                Log.Rescued(logger, rescued);
                dependencies.WakeCatchUp();
            }
        }

        // A feed whose signal was lost while its shard is held: its holder looks too.
        foreach (var (key, shard) in _held)
        {
            if (OpaqueId.BucketOf(key.FeedId) is var bucket && bucket >= from && bucket <= to)
            {
                shard.Hint(subscribersChanged: false);
            }
        }

        if (!HasRoom)
        {
            return 0;
        }

        var room = Math.Min(options.Value.Shards - _held.Count, 500);
        var askedAt = TimeProvider.System.GetTimestamp();
        return Start(await deliveries.SweepShardsAsync(from, to, room, options.Value.Lease, CancellationToken.None), askedAt);
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Tick, TimeProvider.System, cancellationToken);
        await SweepOnceAsync(cancellationToken);
    }

    private async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(GiveBackEvery, TimeProvider.System, cancellationToken);
        dependencies.Slots.GiveBackSlow();
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(options.Value.RenewEvery / 5, TimeProvider.System, cancellationToken);
        var old = _held.Values.Where(shard => shard.Lease.Age > options.Value.RenewEvery).ToList();
        if (old.Count == 0)
        {
            return;
        }

        var askedAt = TimeProvider.System.GetTimestamp();
        var renewed = await deliveries.RenewShardsAsync([.. old.Select(shard => shard.Claim)], options.Value.Lease, cancellationToken);
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

            old[i].Wake();
        }
    }

    private bool HasRoom => _held.Count < options.Value.Shards && dependencies.HasRoom;

    private ShardClaimOffer? Offer() =>
        HasRoom && !_stopping.IsCancellationRequested ? new ShardClaimOffer(LeaseId.New(), options.Value.Lease, ShardsAFeed) : null;

    // They count as held from here on, and begin off the thread of the append, which has phones to answer.
    private void Take(IReadOnlyList<ClaimedShard> shards, long askedAt)
    {
        try
        {
            Start(shards, askedAt, isFresh: true);
        }
#pragma warning disable CA1031 // The append is stored and acknowledged; the shards are claimed again after their lease.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(logger, exception);
        }
    }

    // True where all of the feed that this process is to have is held already.
    private bool HintHeld(Signal signal)
    {
        var wide = _wide.ContainsKey(signal.FeedId);
        var held = 0;
        for (short shard = 0; shard < (wide ? MostShards : 1); shard++)
        {
            if (_held.TryGetValue(new ShardKey(signal.FeedId, shard), out var found))
            {
                found.OnSignal(signal.Kind);
                held++;
            }
        }

        return held > 0 && (!wide || held >= ShardsAFeed);
    }

    private void WakeAll()
    {
        foreach (var shard in _held.Values)
        {
            shard.Wake();
        }
    }

    private int Start(IReadOnlyList<ClaimedShard> shards, long askedAt, bool isFresh = false)
    {
        foreach (var claimed in shards)
        {
            // The updates that came with the claim are read once, at the beginning.
            var shard = new ExpressShard(
                claimed with { Log = null }, new HeldLease(options.Value.Lease, askedAt), dependencies, claimed.Log, _stopping.Token);
            if (isFresh)
            {
                shard.ExpectSignal();
            }

            _held[claimed.Key] = shard;
            if (claimed.Key.Shard > 0)
            {
                _wide.TryAdd(claimed.Key.FeedId, 0);
            }

            var run = isFresh ? Task.Run(() => RunAsync(shard)) : RunAsync(shard);
            _running[run] = 0;
            _ = run.ContinueWith(
                ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        metrics.Claimed(Lane.Express, shards.Count);
        return shards.Count;
    }

    private async Task RunAsync(ExpressShard shard)
    {
        try
        {
            await shard.RunAsync();
        }
#pragma warning disable CA1031 // Whatever happened to one shard: its lease runs out, and it is claimed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Surprise(logger, exception);
        }
        finally
        {
            _held.TryRemove(new KeyValuePair<ShardKey, ExpressShard>(shard.Claim.Key, shard));
        }

        // Of a wide feed others may be due, for which there was no room before.
        if (shard.Hinted || _wide.ContainsKey(shard.Claim.Key.FeedId))
        {
            _hints.Writer.TryWrite(new Signal(SignalKind.Updates, shard.Claim.Key.FeedId));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Rescued} subscriptions lagged behind a sleeping mark; they go on in the catch-up lane. There should be none: please report "
            + "it")]
        public static partial void Rescued(ILogger logger, int rescued);

        [LoggerMessage(2, LogLevel.Error, "A shard of the express lane failed; it is claimed again once its lease has run out")]
        public static partial void Surprise(ILogger logger, Exception exception);
    }
}
