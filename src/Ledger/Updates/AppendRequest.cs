
namespace ActivityHub.Ledger.Updates;

/// <summary>What one POST wants appended to one feed: as a whole, or not at all.</summary>
/// <param name="FeedId">The feed.</param>
/// <param name="AccessVersion">Of the feed's row when the writer's key was found good: under another one the append is void.</param>
/// <param name="Updates">In the order in which they are numbered; at least one, unless something was rejected.</param>
public sealed record AppendRequest(long FeedId, int AccessVersion, IReadOnlyList<NewUpdate> Updates)
{
    /// <summary>About how many bytes it takes in memory.</summary>
    public int Weight => Updates.Sum(update => update.Weight) + Rejected.Sum(message => message.Body.Length);

    /// <summary>The trace of the POST, stored with each of its updates; null where it is not recorded.</summary>
    public string? Trace { get; init; }

    /// <summary>What of the POST could not be read: on disk together with the rest.</summary>
    public IReadOnlyList<RejectedMessage> Rejected { get; init; } = [];

    /// <summary>How the places among the updates are thinned; null = all are stored. The same for all requests of a feed under one access version.</summary>
    public ThinningRule? Thin { get; init; }

    /// <summary>Whether any of it may be merged.</summary>
    internal bool IsThinned => Thin is not null && Updates.Any(update => update.Kind == Kind.Geo && update.Location is not null);
}
