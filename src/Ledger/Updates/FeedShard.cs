using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// The fan-out mark of one shard of a feed: the append moves <see cref="Head"/>, whoever delivers moves <see cref="Done"/>. The
/// row exists once the feed has had a subscription. Nothing that changes is indexed, so that its updates stay on their page.
/// </summary>
public sealed class FeedShard
{
    /// <summary>A wide feed has so many shards: an append touches no more rows, whatever the number of its subscribers.</summary>
    public const short MostShards = 16;

    /// <summary>About so many subscriptions fill a shard before the next is opened.</summary>
    public const int ShardSize = 1000;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public short Shard { get; init; }

    public long Head { get; init; }

    /// <summary>Every express subscription of the shard has accepted what is up to here.</summary>
    public long Done { get; init; }

    /// <summary>Since when there is something to deliver, by the database's clock; null = asleep.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The fencing token of whoever delivers now.</summary>
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
