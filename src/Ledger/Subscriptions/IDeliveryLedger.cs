using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>One shard of a feed.</summary>
public readonly record struct ShardKey(long FeedId, short Shard);

/// <summary>A fan-out mark under lease: whoever holds it delivers the shard's express lane.</summary>
/// <param name="Key">Which.</param>
/// <param name="LeaseId">Under which it counts.</param>
/// <param name="Head">The feed's newest update.</param>
/// <param name="Done">Everybody in the express lane has everything up to here.</param>
/// <param name="AccessVersion">The feed's, from before anything of its log is read under this claim: once it has moved on, what was read may show what was taken back.</param>
public sealed record ClaimedShard(ShardKey Key, long LeaseId, long Head, long Done, int AccessVersion)
{
    /// <summary>Where an append brought the mark, and nothing but its updates is to be delivered: these. Nothing has to be read then.</summary>
    public FreshLog? Log { get; init; }
}

/// <summary>What an append has just written, as it would be read again.</summary>
/// <param name="Feed">The feed's row after it.</param>
/// <param name="Updates">All that follow the mark's <see cref="ClaimedShard.Done"/>.</param>
public sealed record FreshLog(FeedRow Feed, IReadOnlyList<FeedUpdate> Updates);

/// <summary>
/// A subscription in the express lane, as its shard's holder reads it. What is remembered of the subscription under another number of the
/// request that was applied last is stale.
/// </summary>
public sealed record ExpressCursor(ShardKey Key, long SubscriptionId, long Position, long Applied, CursorGap? Gap)
{
    /// <summary>How many of its updates are parked.</summary>
    public int Parked { get; init; }

    /// <summary>A replay or a redelivery is asked for: the catch-up lane does that.</summary>
    public bool HasCommand { get; init; }

    public CursorNotes Notes { get; init; }
}

/// <summary>A subscription in the catch-up lane under its own lease.</summary>
public sealed record ClaimedCursor(
    ShardKey Key, long SubscriptionId, long LeaseId, long Position, long Applied, int Failures, DateTimeOffset? FailingSince, CursorGap? Gap)
{
    public Refusals Refusals { get; init; }

    /// <summary>How many of its updates are parked.</summary>
    public int Parked { get; init; }

    /// <summary>Asked for: go on after this seq.</summary>
    public long? ReplayAfter { get; init; }

    /// <summary>Asked for: send what is parked and wanted once more.</summary>
    public bool Redeliver { get; init; }

    public CursorNotes Notes { get; init; }
}

/// <summary>How a callback takes its batches: what it refuses is halved, see the poison rule.</summary>
/// <param name="InARow">400 or 422 so many times, without another answer between.</param>
/// <param name="Limit">So many updates go into the next document; null = as many as into any.</param>
public readonly record struct Refusals(short InARow, short? Limit);

/// <summary>What a callback missed and has not been told yet: from and to, both inclusive.</summary>
public readonly record struct CursorGap(long From, long To);

/// <summary>
/// What a holder wants written of one cursor. It is written only while the lease holds: the mark's in the express lane, the cursor's own in
/// the catch-up lane.
/// </summary>
public sealed record CursorChange
{
    public required ShardKey Key { get; init; }

    public required long SubscriptionId { get; init; }

    public required long LeaseId { get; init; }

    /// <summary>In which lane its holder has it.</summary>
    public required Lane From { get; init; }

    /// <summary>In which lane it goes on. Into express only if cursor = done = head under the mark's lock.</summary>
    public required Lane To { get; init; }

    public required long Position { get; init; }

    /// <summary>When the catch-up lane tries it next; null in the express lane.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>True where the catch-up lane's holder goes on with it.</summary>
    public bool Keep { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public short? LastStatus { get; init; }

    public CursorGap? Gap { get; init; }

    public Refusals Refusals { get; init; }

    public CursorNotes Notes { get; init; }

    /// <summary>The replay that <see cref="Position"/> follows from: it is done with, unless another was asked for meanwhile.</summary>
    public long? Replayed { get; init; }
}

/// <summary>
/// The holder has delivered everything up to here: put the mark to sleep, unless its head has moved on; then the lease goes on, or is given
/// back where the holder stops. Where it is given back, those of whom something was asked that the holder has not seen go to the catch-up lane, due
/// at <paramref name="Now"/>: a sleeping shard has nobody to send them there.
/// </summary>
public sealed record ShardCompletion(ShardKey Key, long LeaseId, long Done, DateTimeOffset Now, bool GiveBack = false);

/// <summary>What became of a <see cref="ShardCompletion"/>.</summary>
public enum ShardCompletionOutcome
{
    /// <summary>The lease was another's already.</summary>
    Lost,

    /// <summary>Nothing new had come: it sleeps, and the lease is given back.</summary>
    Asleep,

    /// <summary>Something new had come: the lease goes on.</summary>
    Awake,
}

/// <summary>What several holders want written in one transaction; at most one change a cursor.</summary>
public sealed record CompletionBatch(
    IReadOnlyList<CursorChange> Changes, IReadOnlyList<ShardCompletion> Sleeps, IReadOnlyList<CursorChange> Rejoins, IReadOnlyList<Attempt> Attempts);

/// <summary>In the batch's order: which changes were written, what became of the sleeps, and which rejoined the express lane.</summary>
public sealed record CompletionResult(bool[] Changed, (ShardCompletionOutcome Outcome, long Head)[] Slept, bool[] Rejoined);

/// <summary>The rows by which deliveries are shared out, on one database: claims with lease and fencing token, and batched completion.</summary>
public interface IDeliveryLedger
{
    /// <summary>
    /// Claims due marks of these feeds that nobody holds: of a wide feed a few shards at a time, so that others have their share.
    /// </summary>
    Task<List<ClaimedShard>> ClaimShardsAsync(IReadOnlyCollection<long> feedIds, int shardsAFeed, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Claims due marks in a range of buckets (inclusive), whether or not anybody has signalled them.</summary>
    Task<List<ClaimedShard>> SweepShardsAsync(short fromBucket, short toBucket, int limit, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Moves express cursors that lag behind their sleeping mark into the catch-up lane, and says how many. There should be none: it is a guarantee.
    /// </summary>
    Task<int> RescueAsync(short fromBucket, short toBucket, DateTimeOffset now, CancellationToken cancellationToken);

    Task<List<ExpressCursor>> ReadExpressAsync(IReadOnlyCollection<ShardKey> shards, CancellationToken cancellationToken);

    /// <summary>Claims cursors of the catch-up lane that are due, the longest due first.</summary>
    /// <param name="behind">At most so many of those whose last attempt was good.</param>
    /// <param name="retries">At most so many of those that failed.</param>
    /// <param name="lease">For so long.</param>
    /// <param name="now">By the application's clock.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<List<ClaimedCursor>> ClaimCatchUpAsync(int behind, int retries, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Prolongs leases; says in order which still hold.</summary>
    Task<bool[]> RenewShardsAsync(IReadOnlyList<ClaimedShard> shards, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Prolongs leases; says in order which still hold.</summary>
    Task<bool[]> RenewCursorsAsync(IReadOnlyList<ClaimedCursor> cursors, TimeSpan lease, CancellationToken cancellationToken);

    Task<CompletionResult> CompleteAsync(CompletionBatch batch, CancellationToken cancellationToken);

    /// <summary>Claims verifications that are due; their rows are read under the lease.</summary>
    Task<List<(long FeedId, long Id, long LeaseId)>> ClaimVerificationsAsync(int limit, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken);
}
