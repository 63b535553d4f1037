using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>The queries on an owner's subscriptions that more than one route needs.</summary>
internal static class OwnSubscriptions
{
    /// <summary>The subscription of that name, if it is to a feed of the owner.</summary>
    public static IQueryable<Subscription> OwnSubscription(this LedgerContext context, Owner owner, string name)
    {
        var id = OpaqueId.TryParse(name, out var parsed) ? parsed : -1;
        return context.Subscriptions.Where(row =>
            row.Id == id && context.Set<Feed>().Any(feed => feed.Bucket == row.Bucket && feed.Id == row.FeedId &&
                feed.AccountId == owner.AccountId));
    }

    public static IQueryable<DeliveryCursor> CursorOf(this LedgerContext context, Subscription row) => context.Cursors.Where(cursor =>
        cursor.Bucket == row.Bucket && cursor.FeedId == row.FeedId && cursor.SubscriptionId == row.Id);

    public static IQueryable<ParkedUpdate> ParkedOf(this LedgerContext context, Subscription row) => context.ParkedUpdates.Where(parked =>
        parked.Bucket == row.Bucket && parked.FeedId == row.FeedId && parked.SubscriptionId == row.Id);

    /// <summary>The requests to a feed that wait or came to nothing.</summary>
    public static IQueryable<HubRequest> OpenRequests(this LedgerContext context, long feedId)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        return context.HubRequests.AsNoTracking()
            .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.State != RequestState.Confirmed);
    }

    /// <summary>How it stands now, as its owner sees it.</summary>
    public static async Task<SubscriptionResponse> DescribeAsync(
        this LedgerContext context, Subscription row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cursor = await context.CursorOf(row).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
        var head = await context.FeedById(row.FeedId).Select(feed => feed.Head).FirstOrDefaultAsync(cancellationToken);
        return SubscriptionResponse.Of(row, cursor, head, now);
    }
}
