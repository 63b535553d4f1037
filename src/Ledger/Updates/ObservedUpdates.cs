using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>A range of the phone's time: [from, to), after an update number; null = from the beginning of the range.</summary>
public readonly record struct ObservedStretch(DateTimeOffset From, DateTimeOffset To, long? After);

/// <summary>Reads the updates that a phone saw in a range of its own time, regardless of when they arrived.</summary>
public sealed class ObservedUpdates(IDbContextFactory<LedgerContext> contexts, IFeedLog log)
{
    /// <summary>The most updates that one call returns.</summary>
    public const int MostUpdates = 200;

    /// <summary>The most numbers of the log that one call examines.</summary>
    public const int MostNumbers = 20_000;

    // The most that a phone's clock may be ahead; see NewUpdate.At.
    private static readonly TimeSpan MostAhead = TimeSpan.FromHours(24);

    /// <summary>
    /// Returns the updates in order of their numbers, and the number after which the next call continues; null at the end.
    /// </summary>
    public async Task<(List<FeedUpdate> Updates, long? Next)> FindAsync(
        long feedId, long head, ObservedStretch stretch, CancellationToken cancellationToken)
    {
        // No update is seen after it was received, except by a phone whose clock is ahead.
        var after = stretch.After ?? await SeqAtAsync(feedId, head, Earlier(stretch.From), cancellationToken);
        var (bucket, end) = (OpaqueId.BucketOf(feedId), Math.Min(head, after + MostNumbers));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await context.Updates.AsNoTracking()
            .Where(
                row =>
                    row.Bucket == bucket && row.FeedId == feedId && row.Seq > after && row.Seq <= end && row.At >= stretch.From &&
                        row.At < stretch.To
                    && row.Withdraws == null && row.WithdrawnBy == null)
            .OrderBy(row => row.Seq).Take(MostUpdates).ToListAsync(cancellationToken);
        return (found, found.Count == MostUpdates ? found[^1].Seq : end < head ? end : null);
    }

    private static DateTimeOffset Earlier(DateTimeOffset time) => time - DateTimeOffset.MinValue > MostAhead ? time - MostAhead : time;

    /// <summary>Returns the number of the last update that the hub had received by a time; 0 if it had none.</summary>
    private async Task<long> SeqAtAsync(long feedId, long head, DateTimeOffset time, CancellationToken cancellationToken)
    {
        // Times of receipt rise with the numbers, so this is a binary search. If numbers are missing, the next existing update is used.
        var (low, high) = (0L, head);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var next = await log.ReadAfterAsync(new LogRange(feedId, middle, head, null, 1), cancellationToken);
            if (next.Count > 0 && next[0].Received <= time)
            {
                low = next[0].Seq;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
