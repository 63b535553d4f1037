using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>What an owner is told about a subscription of theirs.</summary>
public enum NoticeKind
{
    /// <summary>Its deliveries have failed for 24 hours.</summary>
    Failing = 0,

    /// <summary>They have failed for 5 days: it is suspended, and tried once an hour.</summary>
    Suspended = 1,

    /// <summary>Its lease is about to end, and it was not renewed.</summary>
    LeaseEnding = 2,

    /// <summary>An update was parked.</summary>
    Parked = 3,

    /// <summary>It has ended by itself: gone, expired or broken.</summary>
    Ended = 4,

    /// <summary>A webhook's test delivery was not accepted.</summary>
    Refused = 5,
}

/// <summary>One thing that an owner is told. Told once: of one subscription, kind and <see cref="About"/> there is one.</summary>
public sealed class Notice
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long SubscriptionId { get; init; }

    public NoticeKind Kind { get; init; }

    /// <summary>What it is about: since when it fails, when its lease ends, when it happened.</summary>
    public DateTimeOffset About { get; init; }

    /// <summary>Version 7: the newest has the highest.</summary>
    public Guid Id { get; init; }

    public long AccountId { get; init; }

    public DateTimeOffset At { get; init; }
}

internal sealed class NoticeMapping : IEntityTypeConfiguration<Notice>
{
    public void Configure(EntityTypeBuilder<Notice> builder)
    {
        builder.ToTable("notices");
        builder.HasKey(notice => new { notice.Bucket, notice.FeedId, notice.SubscriptionId, notice.Kind, notice.About });
        builder.HasIndex(notice => new { notice.AccountId, notice.Id });
    }
}
