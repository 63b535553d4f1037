using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.CatchUp;

/// <summary>What every subscription in the catch-up lane is served with.</summary>
internal sealed class CatchUpDependencies(
    FeedLoader feeds, IFeedLog updates, LogLoader log, ParkedUpdates parked, SubscriptionCache subscriptions,
    SubscriptionAuthorizer authorizer, SubscriptionEnds ends, DeliverySender sender, HostBulkheads hosts, HostBytes bytes,
    CompletionWriter completions, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<CatchUpRun> logger)
{
    public FeedLoader Feeds => feeds;

    public IFeedLog Updates => updates;

    public LogLoader Log => log;

    public ParkedUpdates Parked => parked;

    public SubscriptionCache Subscriptions => subscriptions;

    public SubscriptionAuthorizer Authorizer => authorizer;

    public SubscriptionEnds Ends => ends;

    public DeliverySender Sender => sender;

    public HostBulkheads Hosts => hosts;

    public HostBytes Bytes => bytes;

    public CompletionWriter Completions => completions;

    /// <summary>One read holds a document's worth, and a little of what a view hides.</summary>
    public int Window => options.Value.MaxUpdates * 2;

    public ILogger Logger => logger;

    public DateTimeOffset Now => time.GetUtcNow();
}
