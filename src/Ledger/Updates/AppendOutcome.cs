namespace ActivityHub.Ledger.Updates;

/// <summary>The outcome of an <see cref="AppendRequest"/>.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>The request is on disk.</summary>
    /// <param name="Seqs">
    /// The number of each update, in the request's order. A repeat has the number of the first occurrence, a merged update the number of
    /// the feed's newest update at that time.
    /// </param>
    /// <param name="Duplicates">The number of updates that were stored already.</param>
    public sealed record Appended(IReadOnlyList<long> Seqs, int Duplicates) : AppendOutcome
    {
        /// <summary>
        /// The number of updates that were not stored because they are merged into the last stored place, now or when they arrived before.
        /// </summary>
        public int Merged { get; init; }

        /// <summary>The number of new updates.</summary>
        public int Stored => Seqs.Count - Duplicates - Merged;

        /// <summary>Whether messages for the phone are pending.</summary>
        public bool HasPendingMessages { get; init; }
    }

    /// <summary>The feed no longer exists, or its access version has changed: authorize the caller again.</summary>
    public sealed record AccessChanged : AppendOutcome;

    /// <summary>
    /// Nothing was stored, because another append came first. <see cref="GroupCommit"/> appends the request again and never returns this
    /// outcome.
    /// </summary>
    public sealed record Overtaken : AppendOutcome;

    /// <summary>The database refuses this request's data; the other requests of its group were stored.</summary>
    public sealed record Refused(string Reason) : AppendOutcome;

    /// <summary>Nothing was stored: the queue is full, the disk is full or the database is unavailable.</summary>
    public sealed record Unavailable(TimeSpan RetryAfter, string Reason) : AppendOutcome;
}
