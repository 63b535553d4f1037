namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The state of a subscription; see docs/states.md.</summary>
public enum SubscriptionState
{
    Active = 0,

    /// <summary>Its lease ran out.</summary>
    Expired = 1,

    /// <summary>The callback confirmed the request to unsubscribe.</summary>
    Unsubscribed = 2,

    /// <summary>The callback answered 410.</summary>
    Gone = 3,

    /// <summary>The owner, a revoked grant or the hub ended it.</summary>
    Denied = 4,

    /// <summary>Its secret or topic can no longer be decrypted. Deliveries stop; they are never sent unsigned.</summary>
    Broken = 5,

    /// <summary>A webhook that the owner made, whose test delivery was not accepted yet.</summary>
    Pending = 6,
}
