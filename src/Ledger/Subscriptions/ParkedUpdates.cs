using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// Parks the updates that a callback refuses while it accepts the others. The holder of the cursor writes them under its lease. This is
/// rare, so it has a transaction of its own.
/// </summary>
public sealed class ParkedUpdates(LedgerWriter writer, IDbContextFactory<LedgerContext> contexts)
{
    /// <summary>The most updates that are redelivered at a time; the rest follows.</summary>
    private const int MostWanted = 100;

    /// <summary>
    /// Parks one update. Moves the cursor past it and past the next update, whose acceptance has shown that only the first one is at fault.
    /// Returns false if the lease is no longer held; then nothing is written.
    /// </summary>
    /// <param name="cursor">The cursor as it was claimed.</param>
    /// <param name="position">The new position of the cursor.</param>
    /// <param name="refusals">The limits for the next batches.</param>
    /// <param name="parked">The update and its refusal.</param>
    public Task<bool> ParkAsync(ClaimedCursor cursor, long position, Refusals refusals, ParkedUpdate parked) => writer.WriteAsync(
        async context =>
        {
            var held = await Held(context, cursor).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Position, position)
                .SetProperty(row => row.Failures, 0)
                .SetProperty(row => row.FailingSince, (DateTimeOffset?)null)
                .SetProperty(row => row.GapFrom, (long?)null)
                .SetProperty(row => row.GapTo, (long?)null)
                .SetProperty(row => row.Notes, CursorNotes.None)
                .SetProperty(row => row.Refusals, refusals.InARow)
                .SetProperty(row => row.BatchLimit, refusals.Limit));
            if (held == 0)
            {
                return false;
            }

            // The update may have been parked before a replay.
            await Of(context, cursor).Where(row => row.Seq == parked.Seq).ExecuteDeleteAsync();
            context.Add(parked);
            await context.SaveChangesAsync();
            await CountAsync(context, cursor);
            return true;
        },
        CancellationToken.None);

    /// <summary>Returns the parked updates, which are left out of documents that show more than the new updates.</summary>
    public async Task<HashSet<long>> SeqsAsync(ShardKey key, long subscriptionId, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(key.FeedId);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ParkedUpdates.Where(
            row => row.Bucket == bucket && row.FeedId == key.FeedId && row.SubscriptionId == subscriptionId)
            .Select(row => row.Seq).ToHashSetAsync(cancellationToken);
    }

    /// <summary>Returns the updates to send once more, the oldest first.</summary>
    public async Task<List<long>> WantedAsync(ClaimedCursor cursor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Of(context, cursor).Where(row => row.WantedAt != null).OrderBy(row => row.Seq).Take(MostWanted).Select(row => row.Seq)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Removes a parked update that was accepted at last, or that the subscription may no longer see.</summary>
    public Task<bool> ReleaseAsync(ClaimedCursor cursor, long seq) => ChangeAsync(
        cursor, context => Of(context, cursor).Where(row => row.Seq == seq).ExecuteDeleteAsync());

    /// <summary>Records another refusal: the update waits for the next requested redelivery.</summary>
    public Task<bool> RefuseAsync(ClaimedCursor cursor, long seq, Attempt attempt) => ChangeAsync(
        cursor,
        context => Of(context, cursor).Where(row => row.Seq == seq).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.WantedAt, (DateTimeOffset?)null)
            .SetProperty(row => row.Status, attempt.Status)
            .SetProperty(row => row.Error, attempt.Error)
            .SetProperty(row => row.Answer, attempt.Answer)));

    /// <summary>Ends the redelivery, unless another one was requested meanwhile.</summary>
    public Task<bool> DoneAsync(ClaimedCursor cursor) => ChangeAsync(cursor, _ => Task.FromResult(0));

    private Task<bool> ChangeAsync(ClaimedCursor cursor, Func<LedgerContext, Task<int>> change) => writer.WriteAsync(
        async context =>
        {
            // Locks the cursor's row first, so that a concurrent request for a redelivery waits or is seen below. If the lease was lost, no
            // row matches and nothing is written.
            if (await Held(context, cursor).ExecuteUpdateAsync(set => set.SetProperty(row => row.Redeliver, true)) == 0)
            {
                return false;
            }

            await change(context);
            await CountAsync(context, cursor);
            return true;
        },
        CancellationToken.None);

    private static async Task CountAsync(LedgerContext context, ClaimedCursor cursor)
    {
        var parked = await Of(context, cursor).CountAsync();
        var wanted = await Of(context, cursor).AnyAsync(row => row.WantedAt != null);
        await Held(context, cursor).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Parked, parked).SetProperty(row => row.Redeliver, wanted));
    }

    private static IQueryable<DeliveryCursor> Held(LedgerContext context, ClaimedCursor cursor)
    {
        var (feedId, shard) = cursor.Key;
        var bucket = OpaqueId.BucketOf(feedId);
        return context.Cursors.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Shard == shard &&
            row.SubscriptionId == cursor.SubscriptionId && row.Lane == Lane.CatchUp && row.LeaseId == cursor.LeaseId);
    }

    private static IQueryable<ParkedUpdate> Of(LedgerContext context, ClaimedCursor cursor)
    {
        var feedId = cursor.Key.FeedId;
        var bucket = OpaqueId.BucketOf(feedId);
        return context.ParkedUpdates.Where(
            row => row.Bucket == bucket && row.FeedId == feedId && row.SubscriptionId == cursor.SubscriptionId);
    }
}
