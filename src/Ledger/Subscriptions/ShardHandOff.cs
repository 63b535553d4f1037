
namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The lease under which an append may claim the marks that it wakes.</summary>
/// <param name="LeaseId">Its id.</param>
/// <param name="Length">How long it holds, by the database's clock.</param>
/// <param name="ShardsAFeed">Of a wide feed the first so many shards: the others are left to other processes.</param>
public sealed record ShardClaimOffer(long LeaseId, TimeSpan Length, int ShardsAFeed);

/// <summary>
/// Where appends and deliveries share a process: an append claims the marks that it wakes in the statement that wakes them, and hands them over once it
/// is committed. It saves a round trip between the phone's POST and its callbacks'. What is not handed over so is claimed by hint or sweep.
/// </summary>
public sealed class ShardHandOff
{
    private volatile Server? _server;

    /// <summary>Null where nobody delivers here, or has no room just now.</summary>
    public ShardClaimOffer? Offer() => _server?.Offer();

    /// <summary>Claimed under an offer and committed; <paramref name="askedAt"/> is a timestamp from before the claim was sent.</summary>
    public void HandOver(IReadOnlyList<ClaimedShard> shards, long askedAt) => _server?.Take(shards, askedAt);

    /// <summary>Whoever delivers. Both are called on the thread of an append, and return at once.</summary>
    public void Serve(Func<ShardClaimOffer?> offer, Action<IReadOnlyList<ClaimedShard>, long> take) => _server = new Server(offer, take);

    private sealed record Server(Func<ShardClaimOffer?> Offer, Action<IReadOnlyList<ClaimedShard>, long> Take);
}
