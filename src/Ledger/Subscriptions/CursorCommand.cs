using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>What an owner or a subscriber asks of whoever holds a cursor: it is done between two POSTs.</summary>
/// <param name="ReplayAfter">Go on after this seq; null = leave the place as it is.</param>
public readonly record struct CursorCommand(long? ReplayAfter)
{
    /// <summary>Send once more what is parked and wanted.</summary>
    public static CursorCommand Redeliver => new(null);

    /// <summary>Go on after this seq.</summary>
    public static CursorCommand Replay(long after) => new(after);
}

/// <summary>Writes wishes down.</summary>
public static class CursorCommands
{
    /// <summary>
    /// Notes the command; call it in a transaction. While no process holds the shard, the subscription goes to the catch-up lane at once. Otherwise the holder sends
    /// it there, at the latest when the shard sleeps; the caller raises a signal of the feed's subscriptions after the commit, so that this is soon. Returns false where
    /// the subscription has no cursor, because it is not active.
    /// </summary>
    public static async Task<bool> AskAsync(
        this LedgerContext context, long feedId, long subscriptionId, CursorCommand command, DateTimeOffset now)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        var mine = context.Cursors.Where(
            cursor => cursor.Bucket == bucket && cursor.FeedId == feedId && cursor.SubscriptionId == subscriptionId);
        if (await mine.Select(cursor => (short?)cursor.Shard).FirstOrDefaultAsync() is not { } number)
        {
            return false;
        }

        // Locks the shard's row first, as all statements do, by writing it as it is. Its holder either sleeps before this, or sees the command.
        var shardOfCursor = context.FeedShards.Where(shard => shard.Bucket == bucket && shard.FeedId == feedId && shard.Shard == number);
        await shardOfCursor.ExecuteUpdateAsync(set => set.SetProperty(shard => shard.DueAt, shard => shard.DueAt));
        var free = await shardOfCursor.AnyAsync(shard => shard.LeaseId == null);
        var noted = command.ReplayAfter is { } after
            ? await mine.ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.ReplayAfter, after))
            : await mine.ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Redeliver, true));
        await mine.Where(cursor => free || cursor.Lane == Lane.CatchUp)
            .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Lane, Lane.CatchUp).SetProperty(cursor => cursor.DueAt, now));
        return noted > 0;
    }
}
