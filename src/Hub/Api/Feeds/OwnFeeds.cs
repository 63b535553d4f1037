using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Feeds;

/// <summary>The queries on an owner's feeds that more than one route needs.</summary>
internal static class OwnFeeds
{
    /// <summary>The feed of that name, if it is the owner's.</summary>
    public static IQueryable<Feed> OwnFeed(this LedgerContext context, long accountId, string name)
    {
        if (!OpaqueId.TryParse(name, out var feedId))
        {
            // No feed has a negative id.
            feedId = -1;
        }

        return context.FeedById(feedId).Where(feed => feed.AccountId == accountId);
    }

    public static IQueryable<Feed> FeedById(this LedgerContext context, long feedId)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        return context.Feeds.Where(feed => feed.Bucket == bucket && feed.Id == feedId);
    }

    /// <summary>
    /// Voids every decision about who may write or read the feed. First in its transaction: it locks the feed's row, so that changes of
    /// access take turns.
    /// </summary>
    public static Task RaiseAccessVersionAsync(this LedgerContext context, long feedId, CancellationToken cancellationToken) =>
        context.FeedById(feedId)
            .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.AccessVersion, feed => feed.AccessVersion + 1), cancellationToken);
}
