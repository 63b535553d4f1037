using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>One POST to a callback.</summary>
public sealed class Attempt
{
    public const int MaxErrorLength = 300;
    public const int MaxAnswerLength = 1024;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long SubscriptionId { get; init; }

    /// <summary>Version 7: the newest has the highest.</summary>
    public Guid Id { get; init; }

    /// <summary>Its header <c>Hub-Delivery</c>: the same for each try of the same; null for those of before there was one.</summary>
    public Guid? Delivery { get; init; }

    /// <summary>Of the body that was sent, to tell whether one that is rendered again is the same.</summary>
    public long? Digest { get; init; }

    /// <summary>What its header <c>Hub-Gap</c> told of: from and to, both inclusive.</summary>
    public long? GapFrom { get; init; }

    public long? GapTo { get; init; }

    public DateTimeOffset At { get; init; }

    public long FromSeq { get; init; }

    public long ToSeq { get; init; }

    /// <summary>Null where no answer came.</summary>
    public short? Status { get; init; }

    public int Milliseconds { get; init; }

    /// <summary>Of the body that was sent.</summary>
    public int Bytes { get; init; }

    /// <summary>What went wrong, in words; null after a success. Never a callback's query, never a secret.</summary>
    public string? Error { get; init; }

    /// <summary>The first KiB of a refusal's body.</summary>
    public string? Answer { get; init; }
}

internal sealed class AttemptMapping : IEntityTypeConfiguration<Attempt>
{
    public void Configure(EntityTypeBuilder<Attempt> builder)
    {
        builder.ToTable("attempts");
        builder.HasKey(attempt => new { attempt.Bucket, attempt.FeedId, attempt.SubscriptionId, attempt.Id });
        builder.Property(attempt => attempt.Error).HasMaxLength(Attempt.MaxErrorLength);
        builder.Property(attempt => attempt.Answer).HasMaxLength(Attempt.MaxAnswerLength);
        builder.HasIndex(attempt => attempt.At);
    }
}
