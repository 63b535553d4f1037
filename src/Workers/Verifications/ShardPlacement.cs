using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Verifications;

/// <summary>
/// Gives a new subscription its shard: the newest of the feed's until that is full, then another, up to sixteen; from then on any. The
/// caller holds the feed's row, so that two that are confirmed at once do not open the same shard.
/// </summary>
internal static class ShardPlacement
{
    /// <param name="context">In a transaction that has locked the feed.</param>
    /// <param name="bucket">The feed's.</param>
    /// <param name="feedId">The feed.</param>
    /// <param name="head">Of the feed, as locked: a new mark begins there.</param>
    public static async Task<short> ChooseAsync(LedgerContext context, short bucket, long feedId, long head)
    {
        var newest = await context.FeedShards.Where(shard => shard.Bucket == bucket && shard.FeedId == feedId)
            .MaxAsync(shard => (short?)shard.Shard);
        if (newest == FeedShard.MostShards - 1)
        {
            return (short)Random.Shared.Next(FeedShard.MostShards);
        }

        if (newest is { } shard && await HasRoomAsync(context, bucket, feedId, shard))
        {
            return shard;
        }

        var opened = (short)(newest + 1 ?? 0);
        context.FeedShards.Add(new FeedShard { Bucket = bucket, FeedId = feedId, Shard = opened, Head = head, Done = head });
        return opened;
    }

    private static async Task<bool> HasRoomAsync(LedgerContext context, short bucket, long feedId, short shard) =>
        await context.Cursors.Where(cursor => cursor.Bucket == bucket && cursor.FeedId == feedId && cursor.Shard == shard)
            .Select(cursor => cursor.SubscriptionId).Order().Take(FeedShard.ShardSize).CountAsync() < FeedShard.ShardSize;
}
