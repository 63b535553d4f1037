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
    /// In a transaction: notes the wish. Where nobody delivers its shard just now, the subscription goes to the catch-up lane for it; otherwise its
    /// holder sends it there, at the latest as the shard falls asleep, hurried by a signal of the feed's subscriptions that the caller raises after the
    /// commit. False where the subscription has no cursor: it is not active.
    /// </summary>
    public static async Task<bool> AskAsync(this LedgerContext context, long feedId, long subscriptionId, CursorCommand wish, DateTimeOffset now)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        var mine = context.Cursors.Where(cursor => cursor.Bucket == bucket && cursor.FeedId == feedId && cursor.SubscriptionId == subscriptionId);
        if (await mine.Select(cursor => (short?)cursor.Shard).FirstOrDefaultAsync() is not { } shard)
        {
            return false;
        }

        // The mark first, as everybody takes them: written as it is, it is locked. Held or not: its holder falls asleep before this, or sees the wish.
        var itsMark = context.FanOuts.Where(mark => mark.Bucket == bucket && mark.FeedId == feedId && mark.Shard == shard);
        await itsMark.ExecuteUpdateAsync(set => set.SetProperty(mark => mark.DueAt, mark => mark.DueAt));
        var free = await itsMark.AnyAsync(mark => mark.LeaseId == null);
        var noted = wish.ReplayAfter is { } after
            ? await mine.ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.ReplayAfter, after))
            : await mine.ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Redeliver, true));
        await mine.Where(cursor => free || cursor.Lane == Lane.CatchUp)
            .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Lane, Lane.CatchUp).SetProperty(cursor => cursor.DueAt, now));
        return noted > 0;
    }
}
