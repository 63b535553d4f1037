using ActivityHub.Ledger.Grants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Access;

/// <summary>The channel by which updates reached a reader.</summary>
public enum ReceiptChannel : short
{
    Read = 0,
    Stream = 1,
    Delivery = 2,
}

/// <summary>
/// The updates that one grant got in one hour, by one channel and at one place. It proves to the owner which reader got which updates. It
/// is a sum, so that a callback with a thousand deliveries an hour is one line for the owner.
/// </summary>
public sealed class Receipt
{
    public const int MaxPlaceLength = 120;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    /// <summary>The beginning of the hour.</summary>
    public DateTimeOffset Hour { get; init; }

    public long GrantId { get; init; }

    public ReceiptChannel Way { get; init; }

    /// <summary>The host of the callback, or the network of the reader.</summary>
    public string Place { get; init; } = "";

    /// <summary>The name of the grant at that time; the grant may have been deleted since.</summary>
    public string GrantName { get; init; } = "";

    /// <summary>The number of documents, events or deliveries.</summary>
    public int Times { get; init; }

    /// <summary>The oldest update that was in any of them.</summary>
    public long FromSeq { get; init; }

    /// <summary>The newest update that was in any of them.</summary>
    public long ToSeq { get; init; }

    public DateTimeOffset LastAt { get; init; }
}

internal sealed class ReceiptMapping : IEntityTypeConfiguration<Receipt>
{
    public void Configure(EntityTypeBuilder<Receipt> builder)
    {
        builder.ToTable("receipts");
        builder.HasKey(receipt => new { receipt.Bucket, receipt.FeedId, receipt.Hour, receipt.GrantId, receipt.Way, receipt.Place });
        builder.Property(receipt => receipt.Bucket).ValueGeneratedNever();
        builder.Property(receipt => receipt.Place).HasMaxLength(Receipt.MaxPlaceLength);
        builder.Property(receipt => receipt.GrantName).HasMaxLength(Grant.MaxNameLength);
        builder.HasIndex(receipt => receipt.Hour);
    }
}
