using System.Net;
using System.Threading.RateLimiting;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>
/// How many requests of subscribers are taken, of one client and for one feed: token buckets in memory, of this process. What waits for
/// the callbacks of one host is <see cref="PendingByHost"/>'s, over all processes.
/// </summary>
internal sealed class SubscribeLimits(IOptions<SubscriptionOptions> options) : IDisposable
{
    // Memory is bounded whoever comes: clients share that many buckets, by a hash that nobody outside can aim with.
    private const int Buckets = 16_384;

    private readonly PartitionedRateLimiter<string> _clients = Limiter(options.Value.ClientBurst, options.Value.ClientPerSecond);
    private readonly PartitionedRateLimiter<string> _topics = Limiter(options.Value.TopicBurst, options.Value.TopicPerSecond);

    /// <summary>Null where the request may go on, else when to come back.</summary>
    public TimeSpan? TurnsAwayClient(IPAddress? address) => TurnsAway(_clients, address is null ? "" : CallbackHost.Of(address));

    /// <summary>Of the feed, in whatever format: those are as many topics as somebody likes.</summary>
    public TimeSpan? TurnsAwayTopic(long feedId) => TurnsAway(_topics, feedId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _clients.Dispose();
        _topics.Dispose();
    }

    private static PartitionedRateLimiter<string> Limiter(int burst, int perSecond)
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
        return PartitionedRateLimiter.Create<string, int>(
            key => RateLimitPartition.GetTokenBucketLimiter((int)((uint)key.GetHashCode(StringComparison.Ordinal) % Buckets), _ => bucket));
    }

    private static TimeSpan? TurnsAway(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
    }
}
