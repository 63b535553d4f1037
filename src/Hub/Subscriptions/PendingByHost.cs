using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>
/// Bounds how many requests wait for the callbacks of one host, so that nobody fills the ledger, or has the hub knock at somebody's door,
/// by asking. Counted in the ledger every few seconds, and in memory between.
/// </summary>
internal sealed class PendingByHost(IDbContextFactory<LedgerContext> contexts, IOptions<SubscriptionOptions> options, TimeProvider time)
{
    private const int MaxHosts = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset At)> _hosts = new(StringComparer.Ordinal);

    /// <summary>False where the host has enough waiting.</summary>
    public async Task<bool> TryAddAsync(string callback, CancellationToken cancellationToken)
    {
        var host = CallbackUrl.HostOf(callback);
        if (!TryFind(host, out var count))
        {
            count = await CountAsync(host, cancellationToken);
        }

        if (count >= options.Value.PendingPerHost)
        {
            return false;
        }

        lock (_lock)
        {
            var at = _hosts.TryGetValue(host, out var known) ? known.At : time.GetUtcNow();
            _hosts[host] = (Math.Max(count, known.Count) + 1, at);
        }

        return true;
    }

    private bool TryFind(string host, out int count)
    {
        lock (_lock)
        {
            var found = _hosts.TryGetValue(host, out var known) && time.GetUtcNow() - known.At < Fresh;
            count = known.Count;
            return found;
        }
    }

    private async Task<int> CountAsync(string host, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (path, query, port) = (host + "/", host + "?", host + ":");
#pragma warning disable CA1862 // It is SQL: the overloads with a comparison have no translation.
        var count = await context.Verifications.CountAsync(
            row => row.Callback.ToLower().StartsWith(path) || row.Callback.ToLower().StartsWith(query) ||
                row.Callback.ToLower().StartsWith(port) || row.Callback.ToLower() == host,
            cancellationToken);
#pragma warning restore CA1862
        lock (_lock)
        {
            if (_hosts.Count >= MaxHosts)
            {
                _hosts.Clear();
            }

            _hosts[host] = (count, time.GetUtcNow());
        }

        return count;
    }
}
