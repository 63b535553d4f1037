using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The kinds of notices to an owner about a subscription.</summary>
public enum NoticeKind
{
    /// <summary>Its deliveries have failed for 24 hours.</summary>
    Failing = 0,

    /// <summary>Its deliveries have failed for 5 days: it is suspended, and tried once an hour.</summary>
    Suspended = 1,

    /// <summary>Its lease is about to end, and it was not renewed.</summary>
    LeaseEnding = 2,

    /// <summary>An update was parked.</summary>
    Parked = 3,

    /// <summary>The subscription has ended by itself: gone, expired or broken.</summary>
    Ended = 4,

    /// <summary>A webhook's test delivery was not accepted.</summary>
    Refused = 5,
}

/// <summary>A notice to an owner. It is sent once: there is one for each subscription, kind and <see cref="About"/>.</summary>
public sealed class Notice
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long SubscriptionId { get; init; }

    public NoticeKind Kind { get; init; }

    /// <summary>The time that the notice is about: when the failures began, when the lease ends, or when the event happened.</summary>
    public DateTimeOffset About { get; init; }

    /// <summary>A version 7 UUID: the newest notice has the highest id.</summary>
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
