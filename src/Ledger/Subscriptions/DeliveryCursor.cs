using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// The progress of a subscription's callback: one narrow row, changed at every delivery. In the express lane only <see cref="Position"/>
/// changes, which is not indexed.
/// </summary>
public sealed class DeliveryCursor
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public short Shard { get; init; }

    public long SubscriptionId { get; init; }

    /// <summary>The last seq that the callback has accepted.</summary>
    public long Position { get; init; }

    public Lane Lane { get; init; }

    /// <summary>The time of the next try in the catch-up lane, by the application's clock.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The fencing token of the process that serves the cursor in the catch-up lane.</summary>
    public long? LeaseId { get; init; }

    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>The number of failed attempts since the last success.</summary>
    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>The status of the last answer; null = no answer came, or nothing was sent yet.</summary>
    public short? LastStatus { get; init; }

    /// <summary>The missed updates that were not reported to the callback yet: from (inclusive) to (inclusive).</summary>
    public long? GapFrom { get; init; }

    public long? GapTo { get; init; }

    /// <summary>
    /// The number of times in a row that the callback answered 400 or 422, or refused a single update: see the poison rule.
    /// </summary>
    public short Refusals { get; init; }

    /// <summary>The most updates in the next document while refused batches are halved; null = the usual number.</summary>
    public short? BatchLimit { get; init; }

    /// <summary>The number of its parked updates (<see cref="ParkedUpdate"/>).</summary>
    public int Parked { get; init; }

    public CursorNotes Notes { get; init; }

    /// <summary>A requested replay: continue after this seq. The holder of the cursor applies it between two POSTs.</summary>
    public long? ReplayAfter { get; init; }

    /// <summary>Whether to send the parked updates that are marked for redelivery.</summary>
    public bool Redeliver { get; init; }
}

internal sealed class DeliveryCursorMapping : IEntityTypeConfiguration<DeliveryCursor>
{
    public void Configure(EntityTypeBuilder<DeliveryCursor> builder)
    {
        builder.ToTable("cursors");
        builder.HasKey(cursor => new { cursor.Bucket, cursor.FeedId, cursor.Shard, cursor.SubscriptionId });
        builder.Property(cursor => cursor.Bucket).ValueGeneratedNever();
        builder.Property(cursor => cursor.FeedId).ValueGeneratedNever();
        builder.Property(cursor => cursor.Shard).ValueGeneratedNever();
        builder.Property(cursor => cursor.SubscriptionId).ValueGeneratedNever();
        // The end or renewal of a subscription finds its cursor without a scan of a wide feed's shards.
        builder.HasIndex(cursor => new { cursor.Bucket, cursor.FeedId, cursor.SubscriptionId }).IsUnique();
        // Two queues: cursors that are only behind do not wait for cursors that fail repeatedly.
        builder.HasIndex(cursor => cursor.DueAt, "ix_cursors_behind").HasFilter("lane = 1 AND failures = 0");
        builder.HasIndex(cursor => cursor.DueAt, "ix_cursors_retries").HasFilter("lane = 1 AND failures > 0");
    }
}
