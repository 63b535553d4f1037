namespace ActivityHub.Ledger.Updates;

/// <summary>A feed's row as it stood when it was asked for.</summary>
public sealed record FeedRow(
    long Id, long AccountId, string Title, int RetentionDays, long Head, long Pruned, int AccessVersion, DateTimeOffset CreatedAt)
{
    /// <summary>How many times updates of the feed were judged by another place.</summary>
    public int Rejudged { get; init; }

    /// <summary>Stands for a feed that is not there, where whoever asks is to be answered as for one that is: nobody's, without grants.</summary>
    public static FeedRow Missing(long feedId) => new(feedId, AccountId: -1, "", 0, 0, 0, AccessVersion: 0, default);
}
