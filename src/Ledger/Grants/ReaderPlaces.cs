using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Grants;

/// <summary>The place in a feed's log from which a reader continues.</summary>
/// <param name="After">The number of the update after which the reader continues.</param>
/// <param name="LostTo">
/// The last update that the reader had or may have had and that the restored log does not contain; null if none is missing.
/// </param>
public readonly record struct ReaderPlace(long After, long? LostTo = null)
{
    /// <summary>Whether updates are missing, which is reported to the reader.</summary>
    public bool IsGap => LostTo is not null;
}

/// <summary>
/// Finds where a reader continues, from a position of this generation or an earlier one. The reader's updates and the log are the same up
/// to the lowest head at which a later generation began. All later updates are new to the reader.
/// </summary>
public sealed class ReaderPlaces(IDbContextFactory<LedgerContext> contexts, LogGeneration generation)
{
    /// <summary>Finds the place. Queries the database only for a position of another generation, and so only after a restore.</summary>
    public ValueTask<ReaderPlace> FindAsync(FeedRow feed, Position position, CancellationToken cancellationToken) =>
        FindAsync(feed.Id, feed.Head, position, cancellationToken);

    /// <summary>Finds the place for a caller that has only the feed's id and head.</summary>
    public async ValueTask<ReaderPlace> FindAsync(long feedId, long head, Position position, CancellationToken cancellationToken)
    {
        if (position.Generation == generation.Current)
        {
            return Within(head, position.Seq);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (from, bucket) = (position.Generation, OpaqueId.BucketOf(feedId));
        // A generation that is neither the first nor in the table belongs to another restore: it is unknown which updates the two logs
        // share.
        if (from > generation.Current ||
            (from > LogGeneration.First && !await context.LogGenerations.AnyAsync(row => row.Number == from, cancellationToken)))
        {
            return new ReaderPlace(0, LostTo: position.Seq);
        }

        var shared = await context.GenerationHeads.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Generation > from)
            .MinAsync(row => (long?)row.Head, cancellationToken);
        // A feed created after the last restore has no updates of an earlier generation: the number belongs to the current generation.
        return Within(shared ?? head, position.Seq);
    }

    private static ReaderPlace Within(long head, long seq) => seq <= head ? new ReaderPlace(seq) : new ReaderPlace(head, LostTo: seq);
}
