using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>An update that a callback refuses while it accepts others: kept aside with the answer, so that the rest can go on.</summary>
public sealed class ParkedUpdate
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long SubscriptionId { get; init; }

    public long Seq { get; init; }

    public DateTimeOffset ParkedAt { get; init; }

    /// <summary>What the callback answered when it was refused last.</summary>
    public short? Status { get; init; }

    public string? Error { get; init; }

    /// <summary>The first KiB of that answer's body.</summary>
    public string? Answer { get; init; }

    /// <summary>Since when it is to be sent once more; null = it waits for somebody to ask.</summary>
    public DateTimeOffset? WantedAt { get; init; }
}

internal sealed class ParkedUpdateMapping : IEntityTypeConfiguration<ParkedUpdate>
{
    public void Configure(EntityTypeBuilder<ParkedUpdate> builder)
    {
        builder.ToTable("parked_updates");
        builder.HasKey(parked => new { parked.Bucket, parked.FeedId, parked.SubscriptionId, parked.Seq });
        builder.Property(parked => parked.Error).HasMaxLength(Attempt.MaxErrorLength);
        builder.Property(parked => parked.Answer).HasMaxLength(Attempt.MaxAnswerLength);
    }
}
