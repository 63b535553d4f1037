using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// The one order in which rows of a feed are locked: the feed, its marks, then its cursors. Whoever begins, ends or moves a subscription takes
/// the lock first, and so takes turns with appends, completions and everybody else who does.
/// </summary>
public static class FeedLock
{
    /// <summary>The feed's head under the lock; null where the feed is gone. The caller is in a transaction. On SQLite it holds the only writer's turn.</summary>
    public static async Task<long?> LockFeedAsync(this LedgerContext context, long feedId, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        if (!context.Database.IsNpgsql())
        {
            return await context.Feeds.Where(feed => feed.Bucket == bucket && feed.Id == feedId).Select(feed => (long?)feed.Head)
                .FirstOrDefaultAsync(cancellationToken);
        }

        var heads = await context.Database
            .SqlQuery<long>($"SELECT head AS \"Value\" FROM feeds WHERE bucket = {bucket} AND id = {feedId} FOR NO KEY UPDATE")
                .ToListAsync(cancellationToken);
        await context.Database
            .SqlQuery<short>(
                $"SELECT shard AS \"Value\" FROM fanouts WHERE bucket = {bucket} AND feed_id = {feedId} ORDER BY shard FOR NO KEY UPDATE")
            .ToListAsync(cancellationToken);
        return heads.Count == 0 ? null : heads[0];
    }

    /// <summary>
    /// The feed's row alone, for who touches neither marks nor cursors: a mark that is locked is passed over by whoever claims. The feed's access version
    /// under the lock; null where the feed is gone.
    /// </summary>
    public static async Task<int?> LockFeedRowAsync(this LedgerContext context, long feedId, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        if (!context.Database.IsNpgsql())
        {
            return await context.Feeds.Where(feed => feed.Bucket == bucket && feed.Id == feedId).Select(feed => (int?)feed.AccessVersion)
                .FirstOrDefaultAsync(cancellationToken);
        }

        var versions = await context.Database
            .SqlQuery<int>($"SELECT access_version AS \"Value\" FROM feeds WHERE bucket = {bucket} AND id = {feedId} FOR NO KEY UPDATE")
                .ToListAsync(cancellationToken);
        return versions.Count == 0 ? null : versions[0];
    }
}
