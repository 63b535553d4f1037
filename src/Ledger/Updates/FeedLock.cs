using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Locks the rows of a feed in the one permitted order: the feed, its marks, then its cursors. Code that begins, ends or moves a
/// subscription takes this lock first. The lock serializes it with appends, completions and other holders of the lock.
/// </summary>
public static class FeedLock
{
    /// <summary>
    /// Locks the feed and its marks. Returns the feed's head, or null if the feed does not exist. The caller is in a transaction; on
    /// SQLite, this is the only write transaction.
    /// </summary>
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
    /// Locks the feed row only. Use it where no fan-out mark or cursor changes: claimers skip locked marks, so locking them needlessly
    /// would delay deliveries. Returns the feed's access version, or null if the feed does not exist.
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
