
namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The lease under which an append may claim the marks that it wakes.</summary>
/// <param name="LeaseId">The id of the lease.</param>
/// <param name="Length">The length of the lease, by the database's clock.</param>
/// <param name="ShardsAFeed">
/// The number of shards to claim of a wide feed, from the first on; the others are left to other processes.
/// </param>
public sealed record ShardClaimOffer(long LeaseId, TimeSpan Length, int ShardsAFeed);

/// <summary>
/// Hands shards from appends to deliveries in the same process. An append claims the marks that it wakes in the statement that wakes them,
/// and hands them over after its commit. This saves a round trip between the phone's POST and the POSTs to callbacks. Other shards are
/// claimed after a signal or by a sweep.
/// </summary>
public sealed class ShardHandOff
{
    private volatile Server? _server;

    /// <summary>Returns an offer; null if this process does not deliver, or has no capacity just now.</summary>
    public ShardClaimOffer? Offer() => _server?.Offer();

    /// <summary>
    /// Hands over shards that were claimed under an offer and committed; <paramref name="askedAt"/> is a timestamp from before the claim
    /// was sent.
    /// </summary>
    public void HandOver(IReadOnlyList<ClaimedShard> shards, long askedAt) => _server?.Take(shards, askedAt);

    /// <summary>
    /// Registers the deliveries of this process. Both functions are called on the thread of an append, and must return at once.
    /// </summary>
    public void Serve(Func<ShardClaimOffer?> offer, Action<IReadOnlyList<ClaimedShard>, long> take) => _server = new Server(offer, take);

    private sealed record Server(Func<ShardClaimOffer?> Offer, Action<IReadOnlyList<ClaimedShard>, long> Take);
}
