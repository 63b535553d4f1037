
namespace ActivityHub.Ledger.Updates;

/// <summary>The updates of one POST for one feed. They are appended as a whole or not at all.</summary>
/// <param name="FeedId">The feed.</param>
/// <param name="AccessVersion">
/// The access version of the feed's row when the writer's key was accepted. The append is void if the version has changed.
/// </param>
/// <param name="Updates">The updates in the order of their numbers; at least one, unless a message was rejected.</param>
public sealed record AppendRequest(long FeedId, int AccessVersion, IReadOnlyList<NewUpdate> Updates)
{
    /// <summary>The approximate size in memory, in bytes.</summary>
    public int Weight => Updates.Sum(update => update.Weight) + Rejected.Sum(message => message.Body.Length);

    /// <summary>The trace of the POST, stored with each of its updates; null if the trace is not recorded.</summary>
    public string? Trace { get; init; }

    /// <summary>The parts of the POST that could not be read. They are stored in the same transaction.</summary>
    public IReadOnlyList<RejectedMessage> Rejected { get; init; } = [];

    /// <summary>
    /// The rule by which places are thinned; null = all are stored. It is the same for all requests of a feed under one access version.
    /// </summary>
    public ThinningRule? Thin { get; init; }

    /// <summary>Whether any of the updates may be merged.</summary>
    internal bool IsThinned => Thin is not null && Updates.Any(update => update.Kind == Kind.Geo && update.Location is not null);
}
