using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Updates;

/// <summary>A stretch of the phone's time: [from, to), from after a number on; null = from its beginning.</summary>
public readonly record struct ObservedStretch(DateTimeOffset From, DateTimeOffset To, long? After);

/// <summary>Reads what a phone saw in a stretch of its own time, whenever that arrived.</summary>
public sealed class ObservedUpdates(IDbContextFactory<LedgerContext> contexts, IFeedLog log)
{
    /// <summary>As many updates are returned at once.</summary>
    public const int MostUpdates = 200;

    /// <summary>As many numbers of the log are looked through at once.</summary>
    public const int MostNumbers = 20_000;

    // As far as a phone's clock may be ahead; see NewUpdate.At.
    private static readonly TimeSpan MostAhead = TimeSpan.FromHours(24);

    /// <summary>In order of their numbers, and after which number the next call goes on; null at the end.</summary>
    public async Task<(List<FeedUpdate> Updates, long? Next)> FindAsync(
        long feedId, long head, ObservedStretch stretch, CancellationToken cancellationToken)
    {
        // Nothing can have been seen before it was received, but for a clock that is ahead.
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

    /// <summary>The number of the last update that the hub had got by a time; 0 where it had none.</summary>
    private async Task<long> SeqAtAsync(long feedId, long head, DateTimeOffset time, CancellationToken cancellationToken)
    {
        // Receipt rises with the number: halve. Where numbers are gone, the update that follows them tells.
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
