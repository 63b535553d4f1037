using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>What the gate says of a subscription before a POST.</summary>
internal enum SubscriptionAccess
{
    /// <summary>It reads under the grant.</summary>
    Open,

    /// <summary>It has ended just now: its lease or its grant is over.</summary>
    Ended,

    /// <summary>The cached subscription is outdated, because it was renewed. Read it again.</summary>
    Stale,
}

/// <summary>Says before each POST under which grant a subscription still reads, and ends the one that may no longer.</summary>
internal sealed class SubscriptionAuthorizer(FeedAccess access, SubscriptionEnds ends, TimeProvider time)
{
    public async ValueTask<(SubscriptionAccess Passage, Grant? Grant)> AuthorizeAsync(
        FeedRow feed, Subscriber subscriber, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // The grant is checked first: a lease never outlives it, and where both have ended, the callback is informed of the grant's end.
        var grant = subscriber.GrantId is { } grantId
            ? await access.FindAsync(feed, grantId, now, cancellationToken)
            : Grant.OfOwner(feed.Id);
        if (grant is null || !grant.Rights.HasFlag(GrantRights.Subscribe))
        {
            return await EndAsync(feed, subscriber, SubscriptionState.Denied, SubscriptionEnds.AccessHasEnded, cancellationToken);
        }

        return subscriber.LeaseUntil <= now
            ? await EndAsync(feed, subscriber, SubscriptionState.Expired, null, cancellationToken)
            : (SubscriptionAccess.Open, grant);
    }

    private async ValueTask<(SubscriptionAccess, Grant?)> EndAsync(
        FeedRow feed, Subscriber subscriber, SubscriptionState state, string? reason, CancellationToken cancellationToken) =>
        (await ends.EndAsync(feed.Id, subscriber.Id, state, reason, cancellationToken, subscriber.AppliedRequest)
            ? SubscriptionAccess.Ended
            : SubscriptionAccess.Stale, null);
}
