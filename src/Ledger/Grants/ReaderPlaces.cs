using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Grants;

/// <summary>A reader's place in a feed's log.</summary>
/// <param name="After">The update after which the reader goes on.</param>
/// <param name="LostTo">The last of the updates that the reader had, or may have had, and that a restored log lacks; null where it lacks none.</param>
public readonly record struct ReaderPlace(long After, long? LostTo = null)
{
    /// <summary>Whether the reader is told that updates are missing.</summary>
    public bool IsGap => LostTo is not null;
}

/// <summary>
/// Says where a reader goes on who comes with a position of this generation or of an earlier one. What the reader has and what the log has are the same
/// up to the lowest head at which a later generation began; all that follows is new to that reader.
/// </summary>
public sealed class ReaderPlaces(IDbContextFactory<LedgerContext> contexts, LogGeneration generation)
{
    /// <summary>Asks the database only after a restore, and only about a position of another generation.</summary>
    public ValueTask<ReaderPlace> FindAsync(FeedRow feed, Position position, CancellationToken cancellationToken) =>
        FindAsync(feed.Id, feed.Head, position, cancellationToken);

    /// <summary>The same, of a feed of which only id and head are at hand.</summary>
    public async ValueTask<ReaderPlace> FindAsync(long feedId, long head, Position position, CancellationToken cancellationToken)
    {
        if (position.Generation == generation.Current)
        {
            return Within(head, position.Seq);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var (from, bucket) = (position.Generation, OpaqueId.BucketOf(feedId));
        // A generation that is neither the first nor in the table was another restore's: nobody knows what the two logs have in common.
        if (from > generation.Current ||
            (from > LogGeneration.First && !await context.LogGenerations.AnyAsync(row => row.Number == from, cancellationToken)))
        {
            return new ReaderPlace(0, LostTo: position.Seq);
        }

        var shared = await context.GenerationHeads.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Generation > from)
            .MinAsync(row => (long?)row.Head, cancellationToken);
        // A feed that was opened after the last restore has no updates of an earlier generation: the number is one of this generation.
        return Within(shared ?? head, position.Seq);
    }

    private static ReaderPlace Within(long head, long seq) => seq <= head ? new ReaderPlace(seq) : new ReaderPlace(head, LostTo: seq);
}
