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

    /// <summary>A version 7 UUID: the newest attempt has the highest id.</summary>
    public Guid Id { get; init; }

    /// <summary>
    /// The header <c>Hub-Delivery</c>, which is the same for each attempt of a delivery; null for attempts from before the header existed.
    /// </summary>
    public Guid? Delivery { get; init; }

    /// <summary>The digest of the sent body. It shows whether a body that is rendered again is the same.</summary>
    public long? Digest { get; init; }

    /// <summary>The gap that the header <c>Hub-Gap</c> reported: from and to, both inclusive.</summary>
    public long? GapFrom { get; init; }

    public long? GapTo { get; init; }

    public DateTimeOffset At { get; init; }

    public long FromSeq { get; init; }

    public long ToSeq { get; init; }

    /// <summary>The status of the answer; null if no answer came.</summary>
    public short? Status { get; init; }

    public int Milliseconds { get; init; }

    /// <summary>The size of the sent body, in bytes.</summary>
    public int Bytes { get; init; }

    /// <summary>The error, in words; null after a success. It never contains a callback's query or a secret.</summary>
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
