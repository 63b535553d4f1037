using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// When a phone was last heard of, in which format, and what went wrong last: what its owner looks at when nothing arrives.
/// </summary>
public sealed class DeviceStatus
{
    public const int MaxAppLength = 100;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>The format of its last message, as in the ingest address.</summary>
    public string Format { get; init; } = "";

    /// <summary>What the app calls itself (<c>User-Agent</c>); null where it says nothing.</summary>
    public string? App { get; init; }

    /// <summary>Why its last message that was rejected was; null where none was.</summary>
    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }
}

internal sealed class DeviceStatusMapping : IEntityTypeConfiguration<DeviceStatus>
{
    public void Configure(EntityTypeBuilder<DeviceStatus> builder)
    {
        builder.ToTable("device_statuses");
        builder.HasKey(row => new { row.Bucket, row.FeedId });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.FeedId).ValueGeneratedNever();
        builder.Property(row => row.Format).HasMaxLength(RejectedMessage.MaxFormatLength);
        builder.Property(row => row.App).HasMaxLength(DeviceStatus.MaxAppLength);
        builder.Property(row => row.LastError).HasMaxLength(RejectedMessage.MaxReasonLength);
    }
}
