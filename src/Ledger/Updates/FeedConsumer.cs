using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// The cursor and lease of a consumer of a feed that is not a subscription. The append does not use it: the consumer finds the feeds whose
/// head is past its cursor.
/// </summary>
public sealed class FeedConsumer
{
    public const int MaxNameLength = 20;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    /// <summary>The consumer's name, for example <c>places</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The number of the last update that the consumer has processed.</summary>
    public long Cursor { get; init; }

    public DateTimeOffset? LeasedUntil { get; init; }

    public long LeaseId { get; init; }
}

internal sealed class FeedConsumerMapping : IEntityTypeConfiguration<FeedConsumer>
{
    public void Configure(EntityTypeBuilder<FeedConsumer> builder)
    {
        builder.ToTable("followers");
        builder.HasKey(row => new { row.Bucket, row.FeedId, row.Name });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.FeedId).ValueGeneratedNever();
        builder.Property(row => row.Name).HasMaxLength(FeedConsumer.MaxNameLength);
        builder.HasIndex(row => row.Name);
    }
}
