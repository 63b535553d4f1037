namespace ActivityHub.Ledger.Subscriptions;

/// <summary>On which way a subscription is served.</summary>
public enum Lane
{
    /// <summary>What is new, under the lease of the shard's mark.</summary>
    Express = 0,

    /// <summary>Alone, under a lease of its own, until it has caught up.</summary>
    CatchUp = 1,
}
