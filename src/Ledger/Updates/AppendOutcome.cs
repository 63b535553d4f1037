namespace ActivityHub.Ledger.Updates;

/// <summary>What became of an <see cref="AppendRequest"/>.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>It is on disk.</summary>
    /// <param name="Seqs">The number of each update, in the request's order; of a repeat, the first one's; of one that was merged, the feed's newest as of then.</param>
    /// <param name="Duplicates">How many were there already.</param>
    public sealed record Appended(IReadOnlyList<long> Seqs, int Duplicates) : AppendOutcome
    {
        /// <summary>How many were not stored since they are merged into the last stored place, now or when they came before.</summary>
        public int Merged { get; init; }

        /// <summary>How many are new.</summary>
        public int Stored => Seqs.Count - Duplicates - Merged;

        /// <summary>Whether messages to the phone are on their way.</summary>
        public bool HasPendingMessages { get; init; }
    }

    /// <summary>The feed is gone, or its access version is another one: ask again who the caller is.</summary>
    public sealed record AccessChanged : AppendOutcome;

    /// <summary>Nothing of it was stored, since another append came first: it is appended again. Never leaves <see cref="GroupCommit"/>.</summary>
    public sealed record Overtaken : AppendOutcome;

    /// <summary>The database will not take this request's data; its neighbours were stored.</summary>
    public sealed record Refused(string Reason) : AppendOutcome;

    /// <summary>Nothing was stored: the queue is full, the disk is full or the database is away.</summary>
    public sealed record Unavailable(TimeSpan RetryAfter, string Reason) : AppendOutcome;
}
