using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// Where a phone is reached by Web Push (RFC 8030): a browser's push service, or a UnifiedPush distributor's. The address is a capability,
/// and the keys are the phone's: all three are sealed.
/// </summary>
public sealed class PushEndpoint
{
    public const int MaxUrlLength = 1000;

    /// <summary>How many a phone may have.</summary>
    public const int MostOfFeed = 5;

    private PushEndpoint()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    public long Id { get; private set; }

    /// <summary>SHA-256 of the address, by which a repeat is known.</summary>
    public byte[] UrlHash { get; private set; } = [];

    /// <summary>Address, <c>p256dh</c> and <c>auth</c> as JSON, sealed.</summary>
    public byte[] Sealed { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Messages up to this one were pushed to it.</summary>
    public long PushedUpTo { get; private set; }

    /// <summary>When the next push is due; null where nothing waits.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    public DateTimeOffset? LeasedUntil { get; private set; }

    public long LeaseId { get; private set; }

    /// <summary>How many tries in a row have failed.</summary>
    public int Failures { get; private set; }

    /// <summary>The push service's last answer; 0 = none came.</summary>
    public int? LastStatus { get; private set; }

    /// <summary>The hub has been answered with success: it is no stranger there.</summary>
    public bool IsKnown => LastStatus is >= 200 and < 300;

    /// <summary>The same address was registered again: its keys may have changed, and earlier failures no longer count.</summary>
    public void Renew(byte[] sealedTarget)
    {
        (Sealed, Failures) = (sealedTarget, 0);
    }

    /// <summary>Everything up to this message has gone there, or need not any more; due again at once if there is more.</summary>
    public void Pushed(long upTo, int status, bool isMore, DateTimeOffset now)
    {
        Reach(upTo, failures: 0);
        LastStatus = status;
        Release(isMore ? now : null);
    }

    /// <summary>Messages up to this one were pushed, and so many tries in a row have failed since the last success.</summary>
    public void Reach(long upTo, int failures) => (PushedUpTo, Failures) = (Math.Max(PushedUpTo, upTo), failures);

    /// <summary>It went wrong: another try at that time.</summary>
    public void Fail(int? status, DateTimeOffset again)
    {
        (LastStatus, Failures) = (status ?? 0, Failures + 1);
        Release(again);
    }

    /// <summary>It was not tried.</summary>
    public void Release(DateTimeOffset? dueAt)
    {
        (DueAt, LeasedUntil, LeaseId) = (dueAt, null, 0);
    }

    public static PushEndpoint Join(long feedId, byte[] urlHash, byte[] sealedTarget, long pushedUpTo, DateTimeOffset now) => new()
    {
        Bucket = OpaqueId.BucketOf(feedId),
        FeedId = feedId,
        Id = OpaqueId.New(),
        UrlHash = urlHash,
        Sealed = sealedTarget,
        PushedUpTo = pushedUpTo,
        CreatedAt = now,
    };
}

internal sealed class PushEndpointMapping : IEntityTypeConfiguration<PushEndpoint>
{
    public void Configure(EntityTypeBuilder<PushEndpoint> builder)
    {
        builder.ToTable("push_endpoints");
        builder.Ignore(row => row.IsKnown);
        builder.HasKey(row => new { row.Bucket, row.FeedId, row.Id });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.FeedId).ValueGeneratedNever();
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.HasIndex(row => new { row.Bucket, row.FeedId, row.UrlHash }).IsUnique();
        builder.HasIndex(row => row.DueAt).HasFilter("due_at IS NOT NULL");
    }
}
