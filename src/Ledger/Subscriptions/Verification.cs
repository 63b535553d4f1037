using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The purpose of a request from the hub to a callback.</summary>
public enum VerificationMode
{
    Subscribe = 0,
    Unsubscribe = 1,

    /// <summary>WebSub §5.2: the subscription is denied or has ended. The callback need not confirm it.</summary>
    Denied = 2,

    /// <summary>A webhook that the owner made. It is confirmed once its signed test delivery is accepted.</summary>
    Webhook = 3,
}

/// <summary>
/// A request that its callback has not confirmed yet (WebSub §5.3). It takes effect only after the confirmation. The row holds the new
/// secret and lease; it is deleted once the request was confirmed, refused, replaced or given up.
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

    /// <summary>The number of the request among the requests of its identity.</summary>
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

    /// <summary>The requested lease within the hub's bounds, in seconds from the verifying GET (WebSub §5.3).</summary>
    public int LeaseSeconds { get; private set; }

    /// <summary>
    /// <c>hub.after</c>, as a seq: deliver the updates after it. Null = a renewal keeps its cursor, and a new subscription starts at
    /// <see cref="StartAt"/>.
    /// </summary>
    public long? After { get; private set; }

    /// <summary>
    /// The last update that the sender of <see cref="After"/> may have had and that a restored log does not contain; null if none is
    /// missing.
    /// </summary>
    public long? LostTo { get; private set; }

    /// <summary>
    /// Whether the request had a reader key that opens the feed, or a proof of the subscription's secret. Only then does a renewal follow
    /// <see cref="After"/>.
    /// </summary>
    public bool IsProven { get; private set; }

    /// <summary>The feed's head when the hub received the request.</summary>
    public long StartAt { get; private set; }

    /// <summary><c>hub.verify_token</c> of a 0.3 client, encrypted. It is echoed and stored no longer than this row.</summary>
    public byte[]? VerifyToken { get; private set; }

    /// <summary><c>hub.reason</c> of a denial.</summary>
    public string? Reason { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The time of the next try, by the application's clock.</summary>
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

    /// <summary>Sets the values of a subscribe request: the lease, the start, and the token that a 0.3 client expects back.</summary>
    public void Ask(int leaseSeconds, ReaderPlace? after, long startAt, byte[]? verifyToken)
    {
        LeaseSeconds = leaseSeconds;
        (After, LostTo) = (after?.After, after?.LostTo);
        StartAt = startAt;
        VerifyToken = verifyToken;
    }

    /// <summary>Delays the verification, because its callback was contacted a moment ago.</summary>
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
        // Two requests of one identity never get the same number: the second commit fails, and its request takes the next number.
        builder.HasIndex(verification => new { verification.Bucket, verification.FeedId, verification.Identity, verification.Number })
            .IsUnique();
        builder.HasIndex(verification => verification.DueAt);
    }
}
