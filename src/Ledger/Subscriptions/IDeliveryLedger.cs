using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>One shard of a feed.</summary>
public readonly record struct ShardKey(long FeedId, short Shard);

/// <summary>A shard under a lease; the holder of the lease delivers the shard's express lane.</summary>
/// <param name="Key">The shard.</param>
/// <param name="LeaseId">The fencing token: writes under another one are refused.</param>
/// <param name="Head">The feed's newest update.</param>
/// <param name="Done">Every subscription in the express lane has all updates up to this number.</param>
/// <param name="AccessVersion">
/// The feed's access version, read before its log. If the feed's version is higher, discard the updates read under this claim: access may
/// have been revoked since.
/// </param>
public sealed record ClaimedShard(ShardKey Key, long LeaseId, long Head, long Done, int AccessVersion)
{
    /// <summary>
    /// The updates to deliver, if an append handed the shard over and no older updates wait; null if they must be read from the log.
    /// </summary>
    public FreshLog? Log { get; init; }
}

/// <summary>The rows that an append has just written, as the database would return them.</summary>
/// <param name="Feed">The feed's row after the append.</param>
/// <param name="Updates">All updates after the shard's <see cref="ClaimedShard.Done"/>.</param>
public sealed record FreshLog(FeedRow Feed, IReadOnlyList<FeedUpdate> Updates);

/// <summary>
/// A subscription in the express lane, as the holder of its shard reads it. A cached subscription is stale if its number of the last
/// applied request differs.
/// </summary>
public sealed record ExpressCursor(ShardKey Key, long SubscriptionId, long Position, long AppliedRequest, CursorGap? Gap)
{
    /// <summary>The number of its parked updates.</summary>
    public int Parked { get; init; }

    /// <summary>Whether a replay or a redelivery is requested; the catch-up lane does both.</summary>
    public bool HasCommand { get; init; }

    public CursorNotes Notes { get; init; }
}

/// <summary>A subscription in the catch-up lane under its own lease.</summary>
public sealed record ClaimedCursor(
    ShardKey Key, long SubscriptionId, long LeaseId, long Position, long AppliedRequest, int Failures, DateTimeOffset? FailingSince,
    CursorGap? Gap)
{
    public Refusals Refusals { get; init; }

    /// <summary>The number of its parked updates.</summary>
    public int Parked { get; init; }

    /// <summary>A requested replay: go on after this seq.</summary>
    public long? ReplayAfter { get; init; }

    /// <summary>Whether parked updates are to be sent once more.</summary>
    public bool Redeliver { get; init; }

    public CursorNotes Notes { get; init; }
}

/// <summary>How a callback has accepted its batches: a refused batch is halved, see the poison rule.</summary>
/// <param name="InARow">The number of answers 400 or 422 in a row.</param>
/// <param name="Limit">The most updates in the next document; null = the usual number.</param>
public readonly record struct Refusals(short InARow, short? Limit);

/// <summary>The updates that a callback has missed and not been notified of: from and to, both inclusive.</summary>
public readonly record struct CursorGap(long From, long To);

/// <summary>
/// A change of one cursor. It is written only while its lease is valid: the shard's in the express lane, the cursor's own in the catch-up
/// lane.
/// </summary>
public sealed record CursorChange
{
    public required ShardKey Key { get; init; }

    public required long SubscriptionId { get; init; }

    public required long LeaseId { get; init; }

    /// <summary>The lane in which the holder claimed the cursor.</summary>
    public required Lane From { get; init; }

    /// <summary>
    /// The lane in which the cursor continues. It joins the express lane only if cursor = done = head under the lock of the shard's row.
    /// </summary>
    public required Lane To { get; init; }

    public required long Position { get; init; }

    /// <summary>When the catch-up lane tries it next; null in the express lane.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether the holder in the catch-up lane keeps the lease.</summary>
    public bool Keep { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public short? LastStatus { get; init; }

    public CursorGap? Gap { get; init; }

    public Refusals Refusals { get; init; }

    public CursorNotes Notes { get; init; }

    /// <summary>The replay that led to <see cref="Position"/>; it is cleared unless another one was requested meanwhile.</summary>
    public long? Replayed { get; init; }
}

/// <summary>
/// Puts a shard to sleep after its holder has delivered all updates up to <paramref name="Done"/>. If the shard's head has moved on, the
/// lease continues, or is released if the holder stops. When the lease is released, subscriptions with a pending replay or redelivery move
/// to the catch-up lane (due <paramref name="Now"/>), because a released shard has no worker to move them.
/// </summary>
public sealed record ShardCompletion(ShardKey Key, long LeaseId, long Done, DateTimeOffset Now, bool GiveBack = false);

/// <summary>The outcome of a <see cref="ShardCompletion"/>.</summary>
public enum ShardCompletionOutcome
{
    /// <summary>Another process had the lease already.</summary>
    Lost,

    /// <summary>There was no new update: the shard sleeps, and its lease is released.</summary>
    Asleep,

    /// <summary>There were new updates: the lease continues.</summary>
    Awake,
}

/// <summary>The changes of several holders, written in one transaction; at most one change a cursor.</summary>
public sealed record CompletionBatch(
    IReadOnlyList<CursorChange> Changes, IReadOnlyList<ShardCompletion> Sleeps, IReadOnlyList<CursorChange> Rejoins,
    IReadOnlyList<Attempt> Attempts);

/// <summary>
/// The written changes, the outcome of each completion, and the cursors that rejoined the express lane; in the batch's order.
/// </summary>
public sealed record CompletionResult(bool[] Changed, (ShardCompletionOutcome Outcome, long Head)[] Slept, bool[] Rejoined);

/// <summary>
/// The rows with which processes share deliveries, on one database: claims with a lease and a fencing token, and batched completion.
/// </summary>
public interface IDeliveryLedger
{
    /// <summary>
    /// Claims due shards of these feeds that no process holds. Of a wide feed it claims a few at a time, so that other processes get their
    /// share.
    /// </summary>
    Task<List<ClaimedShard>> ClaimShardsAsync(
        IReadOnlyCollection<long> feedIds, int shardsAFeed, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Claims due shards in a range of buckets (inclusive), whether or not a signal came.</summary>
    Task<List<ClaimedShard>> SweepShardsAsync(
        short fromBucket, short toBucket, int limit, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Moves express cursors that lag behind their sleeping shard into the catch-up lane, and returns their number. There should be none;
    /// this is a safety net.
    /// </summary>
    Task<int> RescueAsync(short fromBucket, short toBucket, DateTimeOffset now, CancellationToken cancellationToken);

    Task<List<ExpressCursor>> ReadExpressAsync(IReadOnlyCollection<ShardKey> shards, CancellationToken cancellationToken);

    /// <summary>Claims cursors of the catch-up lane that are due, the longest due first.</summary>
    /// <param name="behind">The most cursors whose last attempt succeeded.</param>
    /// <param name="retries">The most cursors whose last attempt failed.</param>
    /// <param name="lease">The length of the lease.</param>
    /// <param name="now">The time of the application's clock.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<List<ClaimedCursor>> ClaimCatchUpAsync(
        int behind, int retries, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Renews leases; returns in order which still hold.</summary>
    Task<bool[]> RenewShardsAsync(IReadOnlyList<ClaimedShard> shards, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Renews leases; returns in order which still hold.</summary>
    Task<bool[]> RenewCursorsAsync(IReadOnlyList<ClaimedCursor> cursors, TimeSpan lease, CancellationToken cancellationToken);

    Task<CompletionResult> CompleteAsync(CompletionBatch batch, CancellationToken cancellationToken);

    /// <summary>Claims verifications that are due; their rows are read under the lease.</summary>
    Task<List<(long FeedId, long Id, long LeaseId)>> ClaimVerificationsAsync(
        int limit, TimeSpan lease, DateTimeOffset now, CancellationToken cancellationToken);
}
