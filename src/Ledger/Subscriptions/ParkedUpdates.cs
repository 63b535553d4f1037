using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// Keeps aside what a callback refuses while it accepts the rest. Whoever holds the cursor writes, under its lease; it is rare, so that it has a
/// transaction of its own.
/// </summary>
public sealed class ParkedUpdates(LedgerWriter writer, IDbContextFactory<LedgerContext> contexts)
{
    /// <summary>Only so many are sent again at a time; the rest follows.</summary>
    private const int MostWanted = 100;

    /// <summary>
    /// Parks one update and moves the cursor past it, and past the one after it, whose acceptance has shown that the first alone is at fault.
    /// False where the lease is no longer held: then nothing is written.
    /// </summary>
    /// <param name="cursor">As it was claimed.</param>
    /// <param name="position">What the callback has accepted now.</param>
    /// <param name="refusals">How its next batches are cut.</param>
    /// <param name="parked">The update, and how it was refused.</param>
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

            // It may have been parked before a replay.
            await Of(context, cursor).Where(row => row.Seq == parked.Seq).ExecuteDeleteAsync();
            context.Add(parked);
            await context.SaveChangesAsync();
            await CountAsync(context, cursor);
            return true;
        },
        CancellationToken.None);

    /// <summary>Which are to be left out of documents that show more than what is new.</summary>
    public async Task<HashSet<long>> SeqsAsync(ShardKey key, long subscriptionId, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(key.FeedId);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ParkedUpdates.Where(
            row => row.Bucket == bucket && row.FeedId == key.FeedId && row.SubscriptionId == subscriptionId)
            .Select(row => row.Seq).ToHashSetAsync(cancellationToken);
    }

    /// <summary>Which are to be sent once more, the oldest first.</summary>
    public async Task<List<long>> WantedAsync(ClaimedCursor cursor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Of(context, cursor).Where(row => row.WantedAt != null).OrderBy(row => row.Seq).Take(MostWanted).Select(row => row.Seq)
            .ToListAsync(cancellationToken);
    }

    /// <summary>It was accepted at last, or is no longer to be seen: it is parked no more.</summary>
    public Task<bool> ReleaseAsync(ClaimedCursor cursor, long seq) => ChangeAsync(
        cursor, context => Of(context, cursor).Where(row => row.Seq == seq).ExecuteDeleteAsync());

    /// <summary>It was refused once more: it waits for somebody to ask again.</summary>
    public Task<bool> RefuseAsync(ClaimedCursor cursor, long seq, Attempt attempt) => ChangeAsync(
        cursor,
        context => Of(context, cursor).Where(row => row.Seq == seq).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.WantedAt, (DateTimeOffset?)null)
            .SetProperty(row => row.Status, attempt.Status)
            .SetProperty(row => row.Error, attempt.Error)
            .SetProperty(row => row.Answer, attempt.Answer)));

    /// <summary>Nothing is wanted any more, unless something was asked for meanwhile.</summary>
    public Task<bool> DoneAsync(ClaimedCursor cursor) => ChangeAsync(cursor, _ => Task.FromResult(0));

    private Task<bool> ChangeAsync(ClaimedCursor cursor, Func<LedgerContext, Task<int>> change) => writer.WriteAsync(
        async context =>
        {
            // The row is taken first: whoever asks, and whoever was too slow and lost the lease, waits or finds it.
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
