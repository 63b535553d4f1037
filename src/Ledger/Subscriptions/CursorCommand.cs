using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>A command from an owner or a subscriber to the holder of a cursor, which executes it between two POSTs.</summary>
/// <param name="ReplayAfter">Continue after this seq; null = do not change the position.</param>
public readonly record struct CursorCommand(long? ReplayAfter)
{
    /// <summary>Sends the parked updates that are marked for redelivery once more.</summary>
    public static CursorCommand Redeliver => new(null);

    /// <summary>Continues after this seq.</summary>
    public static CursorCommand Replay(long after) => new(after);
}

/// <summary>Stores commands for cursors.</summary>
public static class CursorCommands
{
    /// <summary>
    /// Stores the command; call it in a transaction. If no process holds the shard, the subscription moves to the catch-up lane at once.
    /// Otherwise the holder moves it there, at the latest when the shard sleeps; the caller raises a signal of the feed's subscriptions
    /// after the commit to make this happen soon. Returns false if the subscription has no cursor, because it is not active.
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

        // Locks the shard's row first, as all statements do, by an update without a change. Either the holder's shard sleeps before this
        // lock, or the holder sees the command.
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
