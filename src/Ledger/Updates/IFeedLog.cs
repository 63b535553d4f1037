namespace ActivityHub.Ledger.Updates;

/// <summary>The log on one database: appends a group in one transaction, and reads updates.</summary>
public interface IFeedLog
{
    /// <summary>The number of groups that are worth appending at the same time.</summary>
    int GroupsAtOnce { get; }

    /// <summary>
    /// Appends all requests in one transaction and returns one outcome each, in order. Throws <see cref="RefusedByDatabaseException"/> if
    /// the data of one of several requests is at fault, and <see cref="System.Data.Common.DbException"/> if the database is.
    /// </summary>
    Task<AppendOutcome[]> AppendAsync(IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken);

    Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken);

    /// <summary>Returns the updates in (after, upTo], oldest first.</summary>
    Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken);

    /// <summary>Returns the updates of many ranges in one query: per range, in order of seq.</summary>
    Task<List<FeedUpdate>[]> ReadAfterAsync(IReadOnlyList<LogRange> ranges, CancellationToken cancellationToken);

    /// <summary>Returns the updates before <paramref name="before"/>, newest first.</summary>
    Task<List<FeedUpdate>> ReadBeforeAsync(long feedId, long before, string? kinds, int limit, CancellationToken cancellationToken);

    Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken);
}

/// <summary>A range of a feed's log: (after, upTo], of some kinds (csv; null = all), at most <c>Limit</c> updates.</summary>
public readonly record struct LogRange(long FeedId, long After, long UpTo, string? Kinds, int Limit);
