namespace ActivityHub.Ledger.Updates;

/// <summary>The log on one database: the appends of a group in one transaction, and the reads.</summary>
public interface IFeedLog
{
    /// <summary>How many groups it is worth appending at the same time.</summary>
    int GroupsAtOnce { get; }

    /// <summary>
    /// Appends all requests in one transaction; an outcome each, in order. Throws <see cref="RefusedByDatabaseException"/> where the data of
    /// one of several is at fault, and <see cref="System.Data.Common.DbException"/> where the database is.
    /// </summary>
    Task<AppendOutcome[]> AppendAsync(IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken);

    Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken);

    /// <summary>What is in (after, upTo], oldest first.</summary>
    Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken);

    /// <summary>The same for many ranges in one go: per range, in order of seq.</summary>
    Task<List<FeedUpdate>[]> ReadAfterAsync(IReadOnlyList<LogRange> ranges, CancellationToken cancellationToken);

    /// <summary>What is older than <paramref name="before"/>, newest first.</summary>
    Task<List<FeedUpdate>> ReadBeforeAsync(long feedId, long before, string? kinds, int limit, CancellationToken cancellationToken);

    Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken);
}

/// <summary>A stretch of a feed's log: (after, upTo], of some kinds (csv; null = all), at most so many.</summary>
public readonly record struct LogRange(long FeedId, long After, long UpTo, string? Kinds, int Limit);
