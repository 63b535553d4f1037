namespace ActivityHub.Ledger.Updates;

/// <summary>A feed's row as it was when it was read.</summary>
public sealed record FeedRow(
    long Id, long AccountId, string Title, int RetentionDays, long Head, long Pruned, int AccessVersion, DateTimeOffset CreatedAt)
{
    /// <summary>The number of times that stored updates of the feed were judged by another place.</summary>
    public int Rejudged { get; init; }

    /// <summary>
    /// Returns a row for a feed that does not exist, so that the response is the same as for an existing feed. It has no owner and no
    /// grants.
    /// </summary>
    public static FeedRow Missing(long feedId) => new(feedId, AccountId: -1, "", 0, 0, 0, AccessVersion: 0, default);
}
