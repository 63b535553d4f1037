using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Bounds the requests in flight to each host, and stops them while the host's breaker is open: a host that hangs takes only its own slots,
/// and a host that cannot be reached is not tried for a while.
/// </summary>
internal sealed class HostBulkheads
{
    // The number of idle hosts whose failures are remembered.
    private const int MostIdle = 10_000;

    private readonly IOptions<DeliveryOptions> _options;
    private readonly DeliveryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Bulkhead> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public HostBulkheads(IOptions<DeliveryOptions> options, DeliveryMetrics metrics, TimeProvider time)
    {
        (_options, _metrics, _time) = (options, metrics, time);
        metrics.ObserveBreakers(() => (Count(BreakerState.Open), Count(BreakerState.HalfOpen)));
    }

    /// <summary>The number of hosts whose breaker is in this state.</summary>
    public int Count(BreakerState state)
    {
        lock (_lock)
        {
            return _hosts.Values.Count(host => host.Breaker(Lane.Express).State == state || host.Breaker(Lane.CatchUp).State == state);
        }
    }

    /// <summary>The hosts whose breaker is open.</summary>
    public IReadOnlyList<OpenCircuit> LeftAlone()
    {
        lock (_lock)
        {
            return [.. _hosts.SelectMany(
                host => (Lane[])[Lane.Express, Lane.CatchUp], (host, lane) => (host.Key, Lane: lane, Breaker: host.Value.Breaker(lane)))
                .Where(one => one.Breaker.State != BreakerState.Closed)
                .Select(one => new OpenCircuit(one.Key, one.Lane, one.Breaker.Until))];
        }
    }

    /// <summary>Waits for a slot.</summary>
    /// <param name="host">Host and port.</param>
    /// <param name="lane">The catch-up lane gets at most half of the slots, and as many may wait for them.</param>
    /// <param name="patience">The longest wait; zero = none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async ValueTask<HostEntry> EnterAsync(string host, Lane lane, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!TryJoin(host, lane, patience, out var bulkhead, out var openFor))
        {
            return new HostEntry(null, openFor);
        }

        var entered = false;
        try
        {
            entered = lane == Lane.CatchUp
                ? await EnterCatchUpAsync(bulkhead!, patience, cancellationToken)
                : await bulkhead!.All.WaitAsync(patience, cancellationToken);
        }
        finally
        {
            if (!entered)
            {
                Leave(host, bulkhead!, lane);
            }
        }

        return new HostEntry(entered ? TryPass(host, bulkhead!, lane, out openFor) : null, openFor);
    }

    // The catch-up lane gets at most half, so that new updates do not wait behind late ones.
    private static async ValueTask<bool> EnterCatchUpAsync(Bulkhead bulkhead, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!await bulkhead.CatchUp.WaitAsync(patience, cancellationToken))
        {
            return false;
        }

        var entered = false;
        try
        {
            entered = await bulkhead.All.WaitAsync(patience, cancellationToken);
            return entered;
        }
        finally
        {
            if (!entered)
            {
                bulkhead.CatchUp.Release();
            }
        }
    }

    private bool TryJoin(string host, Lane lane, TimeSpan patience, out Bulkhead? bulkhead, out TimeSpan? openFor)
    {
        openFor = null;
        lock (_lock)
        {
            if (!_hosts.TryGetValue(host, out bulkhead))
            {
                bulkhead = new Bulkhead(_options.Value);
                _hosts.Add(host, bulkhead);
            }
            else if (!bulkhead.Breaker(lane).TryPeek(_time.GetUtcNow(), out var wait))
            {
                openFor = wait;
                return false;
            }
            else if (lane == Lane.CatchUp && patience > TimeSpan.Zero && bulkhead.CatchUpUsers >= 2 * bulkhead.CatchUpSlots)
            {
                return false;
            }

            bulkhead.Users++;
            bulkhead.CatchUpUsers += lane == Lane.CatchUp ? 1 : 0;
            return true;
        }
    }

    // Looked at again after the wait, since the breaker may have changed.
    private Slot? TryPass(string host, Bulkhead bulkhead, Lane lane, out TimeSpan? openFor)
    {
        bool passed;
        bool probes;
        lock (_lock)
        {
            passed = bulkhead.Breaker(lane).TryPass(_time.GetUtcNow(), out var wait);
            probes = bulkhead.Breaker(lane).State == BreakerState.HalfOpen;
            openFor = passed ? null : wait;
        }

        var slot = new Slot(this, host, bulkhead, lane, passed && probes);
        if (passed)
        {
            return slot;
        }

        slot.Dispose();
        return null;
    }

    private void Leave(string host, Bulkhead bulkhead, Lane lane)
    {
        lock (_lock)
        {
            bulkhead.CatchUpUsers -= lane == Lane.CatchUp ? 1 : 0;
            if (--bulkhead.Users > 0)
            {
                return;
            }

            if (bulkhead.IsPristine)
            {
                _hosts.Remove(host);
            }
            else if (_hosts.Count > MostIdle)
            {
                foreach (var (name, _) in _hosts.Where(pair => pair.Value.Users == 0).ToList())
                {
                    _hosts.Remove(name);
                }
            }
        }
    }

    // Any HTTP answer closes the breakers of both lanes. A failure counts against its own lane only: retries of failing subscriptions must
    // not open the breaker for healthy ones.
    private void Tell(Bulkhead bulkhead, Lane lane, AttemptOutcome? outcome, bool probed)
    {
        lock (_lock)
        {
            switch (outcome)
            {
                case AttemptOutcome.TimedOut or AttemptOutcome.Unreachable:
                    if (bulkhead.Breaker(lane).Failed(_time.GetUtcNow()))
                    {
                        _metrics.BreakerOpened();
                    }

                    break;
                case null or AttemptOutcome.Forbidden:
                    if (probed)
                    {
                        bulkhead.Breaker(lane).Abandoned(_time.GetUtcNow());
                    }

                    break;
                default:
                    bulkhead.Breaker(Lane.Express).Answered();
                    bulkhead.Breaker(Lane.CatchUp).Answered();
                    break;
            }
        }
    }

    private sealed class Bulkhead(DeliveryOptions options)
    {
        private readonly HostBreaker _express = new(options.BreakerFailures, options.BreakerPause, options.BreakerMostPause);
        private readonly HostBreaker _catchUp = new(options.BreakerFailures, options.BreakerPause, options.BreakerMostPause);

        public int CatchUpSlots { get; } = Math.Max(1, options.PerHost / 2);

        public SemaphoreSlim All { get; } = new(options.PerHost);

        public SemaphoreSlim CatchUp { get; } = new(Math.Max(1, options.PerHost / 2));

        public bool IsPristine => _express.IsPristine && _catchUp.IsPristine;

        // Each lane has its own breaker, so that old failures do not block new updates.
        public HostBreaker Breaker(Lane lane) => lane == Lane.Express ? _express : _catchUp;

        public int Users { get; set; }

        public int CatchUpUsers { get; set; }
    }

    /// <summary>A slot; disposing it frees it.</summary>
    internal sealed class Slot : IDisposable
    {
        private readonly HostBulkheads _owner;
        private readonly string _host;
        private readonly Bulkhead _bulkhead;
        private readonly Lane _lane;
        private readonly bool _probes;
        private AttemptOutcome? _outcome;

        internal Slot(HostBulkheads owner, string host, object bulkhead, Lane lane, bool probes)
        {
            _owner = owner;
            _host = host;
            _bulkhead = (Bulkhead)bulkhead;
            _lane = lane;
            _probes = probes;
        }

        /// <summary>Reports the outcome of the slot's request.</summary>
        public void Told(AttemptOutcome outcome) => _outcome = outcome;

        public void Dispose()
        {
            if (_outcome is not null || _probes)
            {
                _owner.Tell(_bulkhead, _lane, _outcome, _probes);
            }

            _bulkhead.All.Release();
            if (_lane == Lane.CatchUp)
            {
                _bulkhead.CatchUp.Release();
            }

            _owner.Leave(_host, _bulkhead, _lane);
        }
    }
}

/// <summary>A slot at a host, or the reason why there is none.</summary>
/// <param name="Slot">The slot, to be disposed; null where none became free in time.</param>
/// <param name="OpenFor">How long the breaker stays open; null where it is closed.</param>
internal readonly record struct HostEntry(HostBulkheads.Slot? Slot, TimeSpan? OpenFor) : IDisposable
{
    public void Dispose() => Slot?.Dispose();
}
