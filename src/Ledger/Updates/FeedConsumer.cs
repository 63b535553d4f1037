using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// How far somebody who is no subscription has followed a feed, and who does so just now. The append knows nothing of it: whoever follows finds the feeds
/// whose head is past its cursor.
/// </summary>
public sealed class FeedConsumer
{
    public const int MaxNameLength = 20;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    /// <summary>What it does, for example <c>places</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The last update that it has dealt with.</summary>
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
