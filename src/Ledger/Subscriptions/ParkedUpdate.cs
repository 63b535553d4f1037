using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// An update that a callback refuses while it accepts others. It is stored with the answer, so that the other updates can be delivered.
/// </summary>
public sealed class ParkedUpdate
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long SubscriptionId { get; init; }

    public long Seq { get; init; }

    public DateTimeOffset ParkedAt { get; init; }

    /// <summary>The status of the callback's last refusal.</summary>
    public short? Status { get; init; }

    public string? Error { get; init; }

    /// <summary>The first KiB of that answer's body.</summary>
    public string? Answer { get; init; }

    /// <summary>The time at which a redelivery was requested; null = none is requested.</summary>
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
