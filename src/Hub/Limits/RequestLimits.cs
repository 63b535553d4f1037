using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Limits;

/// <summary>
/// How many requests are taken of one client and in the name of one account: token buckets in memory, of this process.
/// </summary>
internal sealed class RequestLimits(IOptions<LimitOptions> options) : IDisposable
{
    // Memory is bounded whoever comes: clients and accounts share that many buckets each.
    private const int Buckets = 16_384;

    private readonly PartitionedRateLimiter<int> _clients = Limiter(options.Value.ClientBurst, options.Value.ClientPerSecond);
    private readonly PartitionedRateLimiter<int> _accounts = Limiter(options.Value.AccountBurst, options.Value.AccountPerSecond);

    public RequestQuota OfClient(IPAddress? address) => Take(
        _clients, ClientAddress.PartitionOf(address, Buckets), "client", options.Value.ClientBurst, options.Value.ClientPerSecond);

    /// <summary>Null where the request is in nobody's name.</summary>
    public RequestQuota? OfAccount(ClaimsPrincipal user) =>
        OpaqueId.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? Take(_accounts, (int)(id % Buckets), "account", options.Value.AccountBurst, options.Value.AccountPerSecond)
            : null;

    public void Dispose()
    {
        _clients.Dispose();
        _accounts.Dispose();
    }

    private static RequestQuota Take(PartitionedRateLimiter<int> limiter, int partition, string name, int burst, int perSecond)
    {
        using var lease = limiter.AttemptAcquire(partition);
        var left = limiter.GetStatistics(partition)?.CurrentAvailablePermits ?? 0;
        return new RequestQuota(name, lease.IsAcquired, burst, perSecond, (int)left);
    }

    private static PartitionedRateLimiter<int> Limiter(int burst, int perSecond)
    {
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            // The partitioned limiter does it for all of them.
            AutoReplenishment = false,
        };
        return PartitionedRateLimiter.Create<int, int>(partition => RateLimitPartition.GetTokenBucketLimiter(partition, _ => bucket));
    }
}
