using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Finds the update of one kind that the phone saw last. It need not have the highest number: an update seen hours ago may arrive late, and
/// a phone whose clock is ahead reports times in the future.
/// </summary>
public sealed class LatestUpdates(IDbContextFactory<LedgerContext> contexts, IFeedLog log)
{
    /// <summary>The most updates of the kind that are examined. In a longer backlog, the result is the last seen of these.</summary>
    public const int MostRows = 10_000;

    private const int FirstPage = 16;
    private const int LongestPage = 2048;

    /// <summary>
    /// Returns the update that was seen last; null if there is none. Ignores withdrawals, withdrawn updates and updates whose time is
    /// ahead. The log is read backwards from its end. The search stops at an update received before the best one was seen: that update, and
    /// all earlier ones, were seen before it.
    /// </summary>
    public async Task<FeedUpdate?> FindAsync(long feedId, string kind, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var bucket = OpaqueId.BucketOf(feedId);
        var (before, looked, length) = (long.MaxValue, 0, FirstPage);
        (long Seq, DateTimeOffset Seen)? best = null;
        while (looked < MostRows)
        {
            // Reads only times and withdrawal marks, because contents may be large.
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
