using ActivityHub.Ledger.Subscriptions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries;

/// <summary>How many requests may be on their way to one host: a host that hangs takes its own slots, and nobody else's.</summary>
internal sealed class HostBulkheads(IOptions<DeliveryOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Bulkhead> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits for a slot; null where none came free within <paramref name="patience"/>.</summary>
    public async ValueTask<Slot?> EnterAsync(string host, Lane lane, TimeSpan patience, CancellationToken cancellationToken)
    {
        var bulkhead = Join(host);
        var entered = false;
        try
        {
            entered = lane == Lane.CatchUp
                ? await EnterCatchUpAsync(bulkhead, patience, cancellationToken)
                : await bulkhead.All.WaitAsync(patience, cancellationToken);
        }
        finally
        {
            if (!entered)
            {
                Leave(host, bulkhead);
            }
        }

        return entered ? new Slot(this, host, bulkhead, lane) : null;
    }

    // The catch-up lane gets at most half: what is fresh does not wait behind what is late.
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

    private Bulkhead Join(string host)
    {
        lock (_lock)
        {
            if (!_hosts.TryGetValue(host, out var bulkhead))
            {
                bulkhead = new Bulkhead(options.Value.PerHost);
                _hosts.Add(host, bulkhead);
            }

            bulkhead.Users++;
            return bulkhead;
        }
    }

    private void Leave(string host, Bulkhead bulkhead)
    {
        lock (_lock)
        {
            if (--bulkhead.Users == 0)
            {
                _hosts.Remove(host);
            }
        }
    }

    private sealed class Bulkhead(int slots)
    {
        public SemaphoreSlim All { get; } = new(slots);

        public SemaphoreSlim CatchUp { get; } = new(Math.Max(1, slots / 2));

        public int Users { get; set; }
    }

    /// <summary>A slot, until it is disposed.</summary>
    internal sealed class Slot : IDisposable
    {
        private readonly HostBulkheads _owner;
        private readonly string _host;
        private readonly Bulkhead _bulkhead;
        private readonly Lane _lane;

        internal Slot(HostBulkheads owner, string host, object bulkhead, Lane lane)
        {
            _owner = owner;
            _host = host;
            _bulkhead = (Bulkhead)bulkhead;
            _lane = lane;
        }

        public void Dispose()
        {
            _bulkhead.All.Release();
            if (_lane == Lane.CatchUp)
            {
                _bulkhead.CatchUp.Release();
            }

            _owner.Leave(_host, _bulkhead);
        }
    }
}
