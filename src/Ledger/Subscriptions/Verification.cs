using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>What a hub has to ask, or tell, a callback.</summary>
public enum VerificationMode
{
    Subscribe = 0,
    Unsubscribe = 1,

    /// <summary>WebSub §5.2: the subscription is denied, or has ended; nothing is asked.</summary>
    Denied = 2,

    /// <summary>A webhook that the owner made: confirmed by a signed test delivery that is accepted.</summary>
    Webhook = 3,
}

/// <summary>
/// A request that its callback has yet to confirm (WebSub §5.3). Nothing of it takes effect before: the row holds the new secret and
/// lease, and is gone once it was confirmed, refused, overtaken or given up.
/// </summary>
public sealed class Verification
{
    private Verification()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    public long Id { get; private set; }

    public byte[] Identity { get; private set; } = [];

    /// <summary>Counts the requests of one identity.</summary>
    public long Number { get; private set; }

    public VerificationMode Mode { get; private set; }

    public string Callback { get; private set; } = "";

    public FeedFormat Format { get; private set; }

    public string? Kinds { get; private set; }

    public long? GrantId { get; private set; }

    public byte[] Topic { get; private set; } = [];

    public byte[]? Secret { get; private set; }

    public SignatureMethod Signature { get; private set; }

    public bool Delta { get; private set; }

    /// <summary>What was asked for, within the hub's bounds; counted from the verifying GET (WebSub §5.3).</summary>
    public int LeaseSeconds { get; private set; }

    /// <summary><c>hub.after</c>, as a seq: deliver what follows; null = a renewal keeps its cursor, a new one starts at <see cref="StartAt"/>.</summary>
    public long? After { get; private set; }

    /// <summary>The last update that the sender of <see cref="After"/> may have had and that a restored log lacks; null where it lacks none.</summary>
    public long? LostTo { get; private set; }

    /// <summary>Whether it came with a reader key that opens the feed, or with a proof of the subscription's secret: then a renewal follows <see cref="After"/>.</summary>
    public bool IsProven { get; private set; }

    /// <summary>The feed's head when the request was taken.</summary>
    public long StartAt { get; private set; }

    /// <summary><c>hub.verify_token</c> of a 0.3 client, encrypted; echoed, never stored longer than this row.</summary>
    public byte[]? VerifyToken { get; private set; }

    /// <summary><c>hub.reason</c> of a denial.</summary>
    public string? Reason { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>By the application's clock.</summary>
    public DateTimeOffset DueAt { get; private set; }

    public int Tries { get; private set; }

    public long? LeaseId { get; private set; }

    public DateTimeOffset? LeasedUntil { get; private set; }

    public static Verification Of(
        VerificationMode mode, long feedId, byte[] identity, long number, string callback, SubscriptionTerms terms, DateTimeOffset now) =>
            new()
            {
                Bucket = OpaqueId.BucketOf(feedId),
                FeedId = feedId,
                Id = OpaqueId.New(),
                Identity = identity,
                Number = number,
                Mode = mode,
                Callback = callback,
                Format = terms.Format,
                Kinds = terms.Kinds,
                GrantId = terms.GrantId,
                Topic = terms.Topic,
                Secret = terms.Secret,
                Signature = terms.Signature,
                Delta = terms.Delta,
                IsProven = terms.IsProven,
                CreatedAt = now,
                DueAt = now,
            };

    /// <summary>For a subscribe request: how long, from where, and what a 0.3 client wants echoed.</summary>
    public void Ask(int leaseSeconds, ReaderPlace? after, long startAt, byte[]? verifyToken)
    {
        LeaseSeconds = leaseSeconds;
        (After, LostTo) = (after?.After, after?.LostTo);
        StartAt = startAt;
        VerifyToken = verifyToken;
    }

    /// <summary>Not before then, since its callback was asked a moment ago.</summary>
    public void WaitUntil(DateTimeOffset dueAt) => DueAt = dueAt;

    public void Because(string reason) => Reason = reason;

    public SubscriptionTerms Terms => new()
    {
        Format = Format,
        Kinds = Kinds,
        GrantId = GrantId,
        Topic = Topic,
        Secret = Secret,
        Signature = Signature,
        Delta = Delta,
        IsProven = IsProven,
    };
}

internal sealed class VerificationMapping : IEntityTypeConfiguration<Verification>
{
    public void Configure(EntityTypeBuilder<Verification> builder)
    {
        builder.ToTable("verifications");
        builder.HasKey(verification => new { verification.Bucket, verification.FeedId, verification.Id });
        builder.Property(verification => verification.Bucket).ValueGeneratedNever();
        builder.Property(verification => verification.FeedId).ValueGeneratedNever();
        builder.Property(verification => verification.Id).ValueGeneratedNever();
        builder.Property(verification => verification.Callback).HasMaxLength(Subscription.MaxCallbackLength);
        builder.Property(verification => verification.Reason).HasMaxLength(200);
        builder.Ignore(verification => verification.Terms);
        // Two requests of one identity never get one number: the second to commit fails and takes the next.
        builder.HasIndex(verification => new { verification.Bucket, verification.FeedId, verification.Identity, verification.Number })
            .IsUnique();
        builder.HasIndex(verification => verification.DueAt);
    }
}
