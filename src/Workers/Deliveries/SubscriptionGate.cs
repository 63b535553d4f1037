using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Workers.Deliveries;

/// <summary>Says before each POST under which grant a subscription still reads, and ends the one that may no longer.</summary>
internal sealed class SubscriptionGate(FeedAccess access, SubscriptionEnds ends, TimeProvider time)
{
    /// <summary>Null where it has ended just now: its lease or its grant is over.</summary>
    public async ValueTask<Grant?> FindGrantAsync(FeedRow feed, Subscriber subscriber, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (subscriber.LeaseUntil <= now)
        {
            await ends.EndAsync(feed.Id, subscriber.Id, SubscriptionState.Expired, null, cancellationToken, subscriber.Applied);
            return null;
        }

        var grant = subscriber.GrantId is { } grantId ? await access.FindAsync(feed, grantId, now, cancellationToken) : Grant.OfOwner(feed.Id);
        if (grant is null || !grant.Rights.HasFlag(GrantRights.Subscribe))
        {
            await ends.EndAsync(feed.Id, subscriber.Id, SubscriptionState.Denied, "The access to this feed has ended.", cancellationToken, subscriber.Applied);
            return null;
        }

        return grant;
    }
}
