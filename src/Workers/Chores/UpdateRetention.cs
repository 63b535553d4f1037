using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Removes expired updates, counted from their receipt, in slices. It never waits for a cursor: an overtaken cursor jumps forward, and its
/// callback gets the gap in a header.
/// </summary>
internal sealed class UpdateRetention(IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, TimeProvider time)
{
    // SQLite's one writer is held for under 20 ms a slice.
    private const int Slice = 500;

    /// <summary>Goes through all feeds once; returns how many updates it removed.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        (short Bucket, long Id) last = (-1, 0);
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var feeds = await context.Feeds.AsNoTracking()
                .Where(
                    feed =>
                        feed.RetentionDays > 0 && feed.Head > feed.Pruned &&
                            (feed.Bucket > last.Bucket || (feed.Bucket == last.Bucket && feed.Id > last.Id)))
                .OrderBy(feed => feed.Bucket).ThenBy(feed => feed.Id).Take(200).ToListAsync(cancellationToken);
            if (feeds.Count == 0)
            {
                return removed;
            }

            foreach (var feed in feeds)
            {
                removed += await PruneAsync(context, feed, cancellationToken);
            }

            last = (feeds[^1].Bucket, feeds[^1].Id);
        }
    }

    private async Task<int> PruneAsync(LedgerContext context, Feed feed, CancellationToken cancellationToken)
    {
        var limit = time.GetUtcNow().AddDays(-feed.RetentionDays);
        var removed = 0;
        var pruned = feed.Pruned;
        while (true)
        {
            // Receipt rises with seq: the slice ends before the first that is to stay.
            var slice = await context.Updates.AsNoTracking()
                .Where(update => update.Bucket == feed.Bucket && update.FeedId == feed.Id && update.Seq > pruned)
                .OrderBy(update => update.Seq).Take(Slice).Select(update => new { update.Seq, update.Received })
                .ToListAsync(cancellationToken);
            var over = slice.TakeWhile(update => update.Received < limit).ToList();
            if (over.Count == 0)
            {
                return removed;
            }

            var upTo = over[^1].Seq;
            removed += await writer.WriteAsync(
                async writing =>
                {
                    // The row of the feed is written first: a reader that sees it knows the gap before the updates are missing.
                    await writing.Feeds.Where(row => row.Bucket == feed.Bucket && row.Id == feed.Id && row.Pruned < upTo)
                        .ExecuteUpdateAsync(set => set.SetProperty(row => row.Pruned, upTo), cancellationToken);
                    return await writing.Updates.Where(
                        update => update.Bucket == feed.Bucket && update.FeedId == feed.Id && update.Seq <= upTo)
                        .ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken,
                WritePriority.Chore);
            pruned = upTo;
        }
    }
}
