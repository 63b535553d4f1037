using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// What a phone sent and the hub could not read, as it came, with the reason: it was acknowledged, since most apps would drop or block what is refused,
/// and is kept for a week, so that it can be read again once the fault is mended.
/// </summary>
public sealed class RejectedMessage
{
    public const int MaxFormatLength = 20;
    public const int MaxReasonLength = 500;

    /// <summary>Bytes of one that are kept.</summary>
    public const int MaxBodyLength = 256 * 1024;

    /// <summary>How many are kept of a feed: the oldest go first.</summary>
    public const int MostOfFeed = 500;

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    public long Id { get; private set; }

    public DateTimeOffset ReceivedAt { get; private set; }

    /// <summary>The format by which it was read, as in the ingest address.</summary>
    public string Format { get; private set; } = "";

    /// <summary>Why it could not be read, and what would have been right.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>How it was sent: method, query and the headers that its format reads, as a JSON object. Never a key.</summary>
    public string Envelope { get; private set; } = "{}";

    /// <summary>The part of the body that was at fault, in a form that the format reads as a body.</summary>
    public byte[] Body { get; private set; } = [];

    /// <summary>How many bytes it had: more than are kept where it was cut off, and then it cannot be read again.</summary>
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

    /// <summary>It was tried again, and is still at fault.</summary>
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
