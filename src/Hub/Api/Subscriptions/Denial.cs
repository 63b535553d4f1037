using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// Ends subscriptions for the owner (WebSub §5.2: a subscription may be denied at any time): the row is closed, its cursor and parked
/// updates are removed, and a verification of mode denied informs the callback; a webhook answers no GET and gets none. Called within a
/// transaction that has raised the feed's access version first, so that two of them run one after the other.
/// </summary>
internal static class Denial
{
    /// <summary>Ends the active and requested subscriptions of a grant.</summary>
    public static Task OfGrantAsync(
        LedgerContext context, long feedId, long grantId, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        EndAsync(
            context,
            feedId,
            context.Subscriptions.Where(row => row.GrantId == grantId),
            context.Verifications.Where(row => row.GrantId == grantId),
            reason,
            now,
            cancellationToken);

    /// <summary>Ends all subscriptions of a feed.</summary>
    public static Task OfFeedAsync(
        LedgerContext context, long feedId, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        EndAsync(context, feedId, context.Subscriptions, context.Verifications, reason, now, cancellationToken);

    public static Task OfOneAsync(
        LedgerContext context, Subscription one, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var identity = one.Identity;
        return EndAsync(
            context,
            one.FeedId,
            context.Subscriptions.Where(row => row.Identity == identity),
            context.Verifications.Where(row => row.Identity == identity),
            reason,
            now,
            cancellationToken);
    }

    private static async Task EndAsync(
        LedgerContext context,
        long feedId,
        IQueryable<Subscription> subscriptions,
        IQueryable<Verification> verifications,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await context.LockFeedAsync(feedId, cancellationToken);
        var bucket = OpaqueId.BucketOf(feedId);
        var active = subscriptions.Where(row => row.Bucket == bucket && row.FeedId == feedId &&
            (row.State == SubscriptionState.Active || row.State == SubscriptionState.Pending));
        await context.Cursors
            .Where(cursor => cursor.Bucket == bucket && cursor.FeedId == feedId && active.Any(row => row.Id == cursor.SubscriptionId))
            .ExecuteDeleteAsync(cancellationToken);
        await context.ParkedUpdates
            .Where(parked => parked.Bucket == bucket && parked.FeedId == feedId && active.Any(row => row.Id == parked.SubscriptionId))
            .ExecuteDeleteAsync(cancellationToken);

        var pending = await context.Verifications.AsNoTracking().Where(row => row.Bucket == bucket && row.FeedId == feedId)
            .ToListAsync(cancellationToken);
        var highest = pending.GroupBy(row => Convert.ToHexString(row.Identity))
            .ToDictionary(group => group.Key, group => group.Max(row => row.Number));
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var subscription in await active.ToListAsync(cancellationToken))
        {
            var name = Convert.ToHexString(subscription.Identity);
            var number = Math.Max(subscription.AppliedRequest, highest.GetValueOrDefault(name)) + 1;
            var terms = new SubscriptionTerms
            {
                Format = subscription.Format,
                Kinds = subscription.Kinds,
                GrantId = subscription.GrantId,
                Topic = subscription.Topic,
            };
            if (!subscription.IsWebhook)
            {
                NotifyOwners(context, feedId, subscription.Identity, number, subscription.Callback, terms, reason, now);
            }

            // Earlier requests are void; the denial itself is not.
            subscription.End(SubscriptionState.Denied, now, number - 1);
            told.Add(name);
        }

        // A requester that was not confirmed yet is informed too, and can no longer be confirmed.
        var asked = verifications.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Mode != VerificationMode.Denied);
        foreach (var request in await asked.AsNoTracking().ToListAsync(cancellationToken))
        {
            var name = Convert.ToHexString(request.Identity);
            if (request.Mode == VerificationMode.Subscribe && told.Add(name))
            {
                NotifyOwners(
                    context, feedId, request.Identity, highest[name] + 1, request.Callback, request.Terms with { Secret = null }, reason,
                    now);
            }
        }

        await context.HubRequests.Where(
            row => row.Bucket == bucket && row.FeedId == feedId && asked.Any(verification => verification.Id == row.Id))
            .EndAsync(RequestState.Denied, reason, now, cancellationToken);
        await asked.ExecuteDeleteAsync(cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
    }

    private static void NotifyOwners(
        LedgerContext context, long feedId, byte[] identity, long number, string callback, SubscriptionTerms terms, string reason,
        DateTimeOffset now)
    {
        var denial = Verification.Of(VerificationMode.Denied, feedId, identity, number, callback, terms, now);
        denial.Because(reason);
        context.Add(denial);
    }
}
