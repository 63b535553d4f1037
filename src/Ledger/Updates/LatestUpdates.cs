using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Finds what a phone saw last of one kind. That is not the update with the highest number: what was seen hours ago may arrive late, and a clock that is ahead
/// names times that have not come.
/// </summary>
public sealed class LatestUpdates(IDbContextFactory<LedgerContext> contexts, IFeedLog log)
{
    /// <summary>So many updates of the kind are looked at; of a longer backlog the newest of these is the answer.</summary>
    public const int MostRows = 10_000;

    private const int FirstPage = 16;
    private const int LongestPage = 2048;

    /// <summary>
    /// The update that was seen last, of those that were not withdrawn and whose time is not ahead; null where there is none. The log is walked back from its
    /// end, and no farther than to the updates that were received before the best one was seen: those were seen earlier still.
    /// </summary>
    public async Task<FeedUpdate?> FindAsync(long feedId, string kind, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var bucket = OpaqueId.BucketOf(feedId);
        var (before, looked, length) = (long.MaxValue, 0, FirstPage);
        (long Seq, DateTimeOffset Seen)? best = null;
        while (looked < MostRows)
        {
            // Only times and marks: contents may be large.
            var (end, most) = (before, Math.Min(length, MostRows - looked));
            var rows = await context.Updates.AsNoTracking()
                .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Kind == kind && row.Seq < end)
                .OrderByDescending(row => row.Seq).Take(most)
                .Select(row => new { row.Seq, row.At, row.Received, IsContent = row.Withdraws == null && row.WithdrawnBy == null })
                .ToListAsync(cancellationToken);
            foreach (var row in rows)
            {
                if (best is { } found && row.Received <= found.Seen)
                {
                    return await log.FindAsync(feedId, found.Seq, cancellationToken);
                }

                if (row.IsContent && !ObservedTime.IsAhead(row.At, row.Received) && ObservedTime.Seen(row.At, row.Received) is var seen &&
                    !(seen <= best?.Seen))
                {
                    best = (row.Seq, seen);
                }
            }

            if (rows.Count < most)
            {
                break;
            }

            (before, looked, length) = (rows[^1].Seq, looked + rows.Count, Math.Min(length * 4, LongestPage));
        }

        return best is { } last ? await log.FindAsync(feedId, last.Seq, cancellationToken) : null;
    }
}
