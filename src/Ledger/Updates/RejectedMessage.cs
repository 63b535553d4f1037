using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// A message from a phone that the hub could not read, as received, with the reason. It was acknowledged, because a refused message would
/// be dropped by most apps or block them. It is kept for a week, so that it can be read again once the fault is fixed.
/// </summary>
public sealed class RejectedMessage
{
    public const int MaxFormatLength = 20;
    public const int MaxReasonLength = 500;

    /// <summary>The most bytes of a body that are stored.</summary>
    public const int MaxBodyLength = 256 * 1024;

    /// <summary>The most messages that are kept for a feed; the oldest are removed first.</summary>
    public const int MostOfFeed = 500;

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    public long Id { get; private set; }

    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>The format with which the message was read, as in the ingest address.</summary>
    public string Format { get; private set; } = "";

    /// <summary>The reason why the message could not be read, and the correct form.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The method, the query and the headers that the format reads, as a JSON object. It never contains a key.</summary>
    public string Envelope { get; private set; } = "{}";

    /// <summary>The faulty part of the body, in a form that the format reads as a body.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>
    /// The original length of the body, in bytes. If it is greater than the stored length, the body was cut off and cannot be read again.
    /// </summary>
    public int Length { get; private set; }

    public bool IsWhole => Body.Length == Length;

    public static RejectedMessage Keep(
        long feedId, string format, string reason, string envelope, ReadOnlySpan<byte> body, int length, DateTimeOffset now) => new()
        {
            Bucket = OpaqueId.BucketOf(feedId),
            FeedId = feedId,
            Id = OpaqueId.New(),
            ReceivedAt = now,
            Format = format,
            Reason = reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason,
            Envelope = envelope,
            Body = body[..Math.Min(body.Length, MaxBodyLength)].ToArray(),
            Length = length,
        };

    /// <summary>Records that another attempt to read the message failed.</summary>
    public void FailAgain(string reason) => Reason = reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason;
}

internal sealed class RejectedMessageMapping : IEntityTypeConfiguration<RejectedMessage>
{
    public void Configure(EntityTypeBuilder<RejectedMessage> builder)
    {
        builder.ToTable("rejected_messages");
        builder.HasKey(row => new { row.Bucket, row.FeedId, row.Id });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.Format).HasMaxLength(RejectedMessage.MaxFormatLength);
        builder.Property(row => row.Reason).HasMaxLength(RejectedMessage.MaxReasonLength);
        builder.Ignore(row => row.IsWhole);
        builder.HasIndex(row => new { row.Bucket, row.FeedId, row.ReceivedAt });
        builder.HasIndex(row => row.ReceivedAt);
    }
}
