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
        builder.HasIndex(cursor => cursor.DueAt).HasFilter("lane = 1");
    }
}
