using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// How far a subscription's callback has come: one narrow row, changed at every delivery. In the express lane only
/// <see cref="Position"/> changes, which is not indexed.
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

    /// <summary>When the catch-up lane tries it next, by the application's clock.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The fencing token of whoever serves it in the catch-up lane.</summary>
    public long? LeaseId { get; init; }

    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>Failed attempts since the last success.</summary>
    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>The status of the last answer; null = none came, or nothing was sent yet.</summary>
    public short? LastStatus { get; init; }

    /// <summary>What it missed and has not been told yet: from (inclusive) to (inclusive).</summary>
    public long? GapFrom { get; init; }

    public long? GapTo { get; init; }

    /// <summary>How often in a row the callback has answered 400 or 422, or refused a single update: see the poison rule.</summary>
    public short Refusals { get; init; }

    /// <summary>How many updates its next document may hold while refused batches are being halved; null = as many as any.</summary>
    public short? BatchLimit { get; init; }

    /// <summary>How many of its updates are parked (<see cref="ParkedUpdate"/>).</summary>
    public int Parked { get; init; }

    public CursorNotes Notes { get; init; }

    /// <summary>Asked for: go on after this seq. Whoever holds it applies that between two POSTs.</summary>
    public long? ReplayAfter { get; init; }

    /// <summary>Asked for: send the parked updates that are wanted again.</summary>
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
        // An end or a renewal finds its cursor without walking through the shards of a wide feed.
        builder.HasIndex(cursor => new { cursor.Bucket, cursor.FeedId, cursor.SubscriptionId }).IsUnique();
        // Two queues: what is merely behind does not wait for what fails again and again.
        builder.HasIndex(cursor => cursor.DueAt, "ix_cursors_behind").HasFilter("lane = 1 AND failures = 0");
        builder.HasIndex(cursor => cursor.DueAt, "ix_cursors_retries").HasFilter("lane = 1 AND failures > 0");
    }
}
