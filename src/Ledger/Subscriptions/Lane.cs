namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The lane in which a subscription is served.</summary>
public enum Lane
{
    /// <summary>New updates, under the lease of the shard's mark.</summary>
    Express = 0,

    /// <summary>One subscription alone, under a lease of its own, until it has caught up.</summary>
    CatchUp = 1,
}
