namespace ActivityHub.Ledger.Updates;

/// <summary>What one POST wants appended to one feed: as a whole, or not at all.</summary>
/// <param name="FeedId">The feed.</param>
/// <param name="AccessVersion">Of the feed's row when the writer's key was found good: under another one the append is void.</param>
/// <param name="Updates">In the order in which they are numbered; at least one.</param>
public sealed record AppendRequest(long FeedId, int AccessVersion, IReadOnlyList<NewUpdate> Updates)
{
    public int Weight { get; } = Updates.Sum(update => update.Weight);

    /// <summary>The trace of the POST, stored with each of its updates; null where it is not recorded.</summary>
    public string? Trace { get; init; }
}
