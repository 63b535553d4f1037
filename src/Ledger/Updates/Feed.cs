using ActivityHub.Ledger.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// An append-only log of updates, numbered 1, 2, 3 … without reuse. Every append locks the feed's row and so assigns the numbers. The row
/// is kept narrow for that reason.
/// </summary>
public sealed class Feed
{
    public const int MaxTitleLength = 100;
    public const int DefaultRetentionDays = 365;

    private Feed()
    {
    }

    public short Bucket { get; private set; }

    public long Id { get; private set; }

    public long AccountId { get; private set; }

    public string Title { get; private set; } = "";

    /// <summary>The time for which an update is kept after its receipt, in days; 0 = for ever.</summary>
    public int RetentionDays { get; private set; }

    /// <summary>The number of the newest update; 0 = none yet.</summary>
    public long Head { get; private set; }

    /// <summary>Every update up to this number was removed by retention.</summary>
    public long Pruned { get; private set; }

    /// <summary>Rises with any change of key, grant or visibility. A decision made under another version is void.</summary>
    public int AccessVersion { get; private set; }

    /// <summary>
    /// Whether messages for the phone are pending. The append reads the row anyway, so the response to the phone can report it at no cost.
    /// </summary>
    public bool HasMail { get; private set; }

    /// <summary>The last known place of the phone (<see cref="FeedPlace"/>); only the append reads and writes it.</summary>
    public byte[]? Place { get; private set; }

    /// <summary>
    /// Rises when stored updates are judged by another place. Documents that withhold updates in a zone are then rendered again.
    /// </summary>
    public int Rejudged { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public static Feed Open(long accountId, string title, DateTimeOffset now)
    {
        var id = OpaqueId.New();
        return new Feed
        {
            Bucket = OpaqueId.BucketOf(id),
            Id = id,
            AccountId = accountId,
            Title = title,
            RetentionDays = DefaultRetentionDays,
            AccessVersion = 1,
            CreatedAt = now,
        };
    }
}

internal sealed class FeedMapping : IEntityTypeConfiguration<Feed>
{
    public void Configure(EntityTypeBuilder<Feed> builder)
    {
        builder.ToTable("feeds");
        builder.HasKey(feed => new { feed.Bucket, feed.Id });
        builder.Property(feed => feed.Bucket).ValueGeneratedNever();
        builder.Property(feed => feed.Id).ValueGeneratedNever();
        builder.Property(feed => feed.Title).HasMaxLength(Feed.MaxTitleLength);
        builder.HasIndex(feed => feed.AccountId);
    }
}
