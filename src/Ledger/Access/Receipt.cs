using ActivityHub.Ledger.Grants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Access;

/// <summary>How updates reached a reader.</summary>
public enum ReceiptChannel : short
{
    Read = 0,
    Stream = 1,
    Delivery = 2,
}

/// <summary>
/// What one grant got in one hour, one way and in one place: the owner's proof of who was told what. A sum, since a callback that gets a thousand
/// deliveries an hour is one line to whoever looks at it.
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

    /// <summary>A callback's host, or the network from which was read.</summary>
    public string Place { get; init; } = "";

    /// <summary>What the grant was called at the time: it may be gone since.</summary>
    public string GrantName { get; init; } = "";

    /// <summary>How many documents, events or deliveries.</summary>
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
