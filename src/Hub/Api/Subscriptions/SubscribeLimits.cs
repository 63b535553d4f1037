using System.Net;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// How many requests of subscribers are taken, of one client and for one feed: in memory, of this process. What waits for
/// the callbacks of one host is <see cref="PendingByHost"/>'s, over all processes.
/// </summary>
internal sealed class SubscribeLimits(IOptions<SubscriptionOptions> options, TimeProvider time)
{
    private readonly RequestRate _clients = new("client", options.Value.ClientBurst, 60L * options.Value.ClientPerSecond, time);
    private readonly RequestRate _topics = new("topic", options.Value.TopicBurst, 60L * options.Value.TopicPerSecond, time);

    /// <summary>Null where the request may go on, else when to come back.</summary>
    public TimeSpan? TurnsAwayClient(IPAddress? address) =>
        TurnsAway(_clients.Take(ClientAddress.PartitionOf(address, RequestRate.Partitions)));

    /// <summary>The limit of a feed, over all formats, since a client can name any number of topics of it.</summary>
    public TimeSpan? TurnsAwayTopic(long feedId) => TurnsAway(_topics.Take(RequestRate.PartitionOf(feedId)));

    private static TimeSpan? TurnsAway(RequestQuota quota) => quota.IsKept ? null : quota.RetryAfter;
}
