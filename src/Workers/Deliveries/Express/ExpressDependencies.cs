using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.Express;

/// <summary>What every shard of the express lane works with.</summary>
internal sealed class ExpressDependencies(
    FeedLoader feeds, LogLoader log, ExpressCursorLoader cursors, SubscriptionCache subscriptions, SubscriptionAuthorizer authorizer,
    SubscriptionEnds ends, DeliverySender sender, ParkedUpdates parked, HostBulkheads hosts, HostBytes bytes, CompletionWriter completions,
    CatchUpSignal catchUp, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<ExpressShard> logger)
{
    private int _riders;

    public FeedLoader Feeds => feeds;

    public LogLoader Log => log;

    public ExpressCursorLoader Cursors => cursors;

    public SubscriptionCache Subscriptions => subscriptions;

    public SubscriptionAuthorizer Authorizer => authorizer;

    public SubscriptionEnds Ends => ends;

    public DeliverySender Sender => sender;

    public ParkedUpdates Parked => parked;

    public HostBulkheads Hosts => hosts;

    public HostBytes Bytes => bytes;

    public CompletionWriter Completions => completions;

    public InFlightSlots Slots { get; } = new(options.Value.InFlight);

    /// <summary>How many subscriptions are held in memory, about.</summary>
    public int Riders => Volatile.Read(ref _riders);

    public bool HasRoom => Riders < options.Value.Riders;

    public ILogger Logger => logger;

    public TimeSpan SlowAfter => options.Value.SlowAfter;

    /// <summary>A subscription whose host has had no slot for so long goes on in the catch-up lane.</summary>
    public TimeSpan HostPatience => options.Value.SlowAfter * 5;

    public DateTimeOffset Now => time.GetUtcNow();

    public void WakeCatchUp() => catchUp.Raise();

    public void Hold(int count) => Interlocked.Add(ref _riders, count);
}
