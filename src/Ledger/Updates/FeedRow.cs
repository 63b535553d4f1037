namespace ActivityHub.Ledger.Updates;

/// <summary>A feed's row as it stood when it was asked for.</summary>
public sealed record FeedRow(
    long Id, long AccountId, string Title, int RetentionDays, long Head, long Pruned, int AccessVersion, DateTimeOffset CreatedAt);
