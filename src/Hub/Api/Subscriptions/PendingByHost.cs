using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// Limits the requests that wait for the callbacks of one host, so that no client fills the ledger or makes the hub call a victim. Waiting
/// requests are counted in the ledger every few seconds, for all hosts in one query, and in memory in between: a query for each host would
/// read every waiting row as often as a client invents a host.
/// </summary>
internal sealed class PendingByHost(
    IDbContextFactory<LedgerContext> contexts, IOptions<SubscriptionOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    // A look may take a twentieth of the time, at the most.
    private const int RestPerLook = 20;

    private readonly SemaphoreSlim _looking = new(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _since = new(StringComparer.Ordinal);
    private int _sinceAll;
    private volatile Census? _census;

    /// <summary>False where the host, or the hub as a whole, has enough waiting.</summary>
    public async Task<bool> TryAddAsync(string callback, CancellationToken cancellationToken)
    {
        var host = CallbackHost.Of(new Uri(callback));
        var census = await CountAsync(cancellationToken);
        lock (_lock)
        {
            var added = _since.GetValueOrDefault(host);
            if (census.Of(host) + added >= options.Value.PendingPerHost || census.All + _sinceAll >= options.Value.Pending)
            {
                return false;
            }

            _since[host] = added + 1;
            _sinceAll++;
            return true;
        }
    }

    public void Dispose() => _looking.Dispose();

    private async Task<Census> CountAsync(CancellationToken cancellationToken)
    {
        if (_census is { } known && time.GetUtcNow() < known.GoodUntil)
        {
            return known;
        }

        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (_census is { } others && time.GetUtcNow() < others.GoodUntil)
            {
                return others;
            }

            lock (_lock)
            {
                // Taken before the query: a request written in between may count twice until the next one.
                _since.Clear();
                _sinceAll = 0;
            }

            return _census = await LookAsync(cancellationToken);
        }
        finally
        {
            _looking.Release();
        }
    }

    private async Task<Census> LookAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var all = 0;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await foreach (var callback in context.Verifications.Select(row => row.Callback).AsAsyncEnumerable()
            .WithCancellation(cancellationToken))
        {
            var host = CallbackHost.Of(new Uri(callback));
            counts[host] = counts.GetValueOrDefault(host) + 1;
            all++;
        }

        var rest = time.GetElapsedTime(started) * RestPerLook;
        return new Census(counts, all, time.GetUtcNow() + (rest > Fresh ? rest : Fresh));
    }

    private sealed record Census(IReadOnlyDictionary<string, int> Hosts, int All, DateTimeOffset GoodUntil)
    {
        public int Of(string host) => Hosts.GetValueOrDefault(host, 0);
    }
}
