using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// The fan-out mark of one shard of a feed. The append moves <see cref="Head"/>, the delivering process moves <see cref="Done"/>. The row
/// exists once the feed has had a subscription. No changing column is indexed, so that updated rows stay on their page.
/// </summary>
public sealed class FeedShard
{
    /// <summary>The number of shards of a wide feed. It limits the rows that an append changes, for any number of subscribers.</summary>
    public const short MostShards = 16;

    /// <summary>The approximate number of subscriptions in a shard before the next one is opened.</summary>
    public const int ShardSize = 1000;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public short Shard { get; init; }

    public long Head { get; init; }

    /// <summary>Every express subscription of the shard has accepted all updates up to this number.</summary>
    public long Done { get; init; }

    /// <summary>The time since which updates wait for delivery, by the database's clock; null = asleep.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The fencing token of the process that delivers the shard.</summary>
    public long? LeaseId { get; init; }

    public DateTimeOffset? LeasedUntil { get; init; }
}

internal sealed class FeedShardMapping : IEntityTypeConfiguration<FeedShard>
{
    public void Configure(EntityTypeBuilder<FeedShard> builder)
    {
        builder.ToTable("fanouts");
        builder.HasKey(shard => new { shard.Bucket, shard.FeedId, shard.Shard });
        builder.Property(shard => shard.Bucket).ValueGeneratedNever();
        builder.Property(shard => shard.FeedId).ValueGeneratedNever();
        builder.Property(shard => shard.Shard).ValueGeneratedNever();
    }
}
