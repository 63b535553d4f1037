using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// A topic and a callback, verified and leased. The data that changes at every delivery is in <see cref="DeliveryCursor"/>, whose row
/// exists exactly as long as the subscription is active.
/// </summary>
public sealed class Subscription
{
    public const int MaxCallbackLength = 2048;

    private Subscription()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    public long Id { get; private set; }

    /// <summary>SHA-256 of the canonical topic (with the grant's id in place of the key) and the callback: WebSub §1's identity.</summary>
    public byte[] Identity { get; private set; } = [];

    public SubscriptionState State { get; private set; }

    public string Callback { get; private set; } = "";

    public FeedFormat Format { get; private set; }

    public string? Kinds { get; private set; }

    public long? GrantId { get; private set; }

    public byte[] Topic { get; private set; } = [];

    public byte[]? Secret { get; private set; }

    /// <summary>
    /// The encrypted secret by which a renewal proves that it comes from the subscriber: the secret of the first confirmation, or of the
    /// last proven renewal. A secret that a stranger has set without a proof does not count.
    /// </summary>
    public byte[]? ProvenSecret { get; private set; }

    public SignatureMethod Signature { get; private set; }

    public bool Delta { get; private set; }

    /// <summary>
    /// For a webhook: whether the answer to its test delivery echoed the <c>Hub-Delivery</c>. A server that accepts everything does not
    /// echo it.
    /// </summary>
    public bool Echoes { get; private set; }

    /// <summary>The end of the lease; null = no lease (a webhook that the owner made).</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>
    /// Whether the owner made it for a service that answers no challenge. The hub sends such a service no GET, neither to verify nor to
    /// deny.
    /// </summary>
    public bool IsWebhook => LeaseUntil is null;

    /// <summary>The number of the request that was applied last; an older request is void.</summary>
    public long AppliedRequest { get; private set; }

    /// <summary>The generation of the key in its status link.</summary>
    public int KeyGeneration { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The time of the callback's last confirmation; the beginning of 1970 = none yet.</summary>
    public DateTimeOffset ConfirmedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public static Subscription Begin(long feedId, byte[] identity, string callback, DateTimeOffset now) => new()
    {
        Bucket = OpaqueId.BucketOf(feedId),
        FeedId = feedId,
        Id = OpaqueId.New(),
        Identity = identity,
        State = SubscriptionState.Pending,
        Callback = callback,
        KeyGeneration = 1,
        CreatedAt = now,
        ConfirmedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>
    /// Sets a new or ended webhook to pending until its test delivery is accepted. Its old end stays stored until then, because a POST from
    /// before the end may still be in transit. An active webhook does not change.
    /// </summary>
    public void Propose(SubscriptionTerms terms)
    {
        if (State == SubscriptionState.Active)
        {
            return;
        }

        State = SubscriptionState.Pending;
        LeaseUntil = null;
        Take(terms);
    }

    /// <summary>Applies the terms of request <paramref name="number"/> after the callback has confirmed it.</summary>
    public void Confirm(SubscriptionTerms terms, long number, DateTimeOffset? leaseUntil, DateTimeOffset now)
    {
        if (number <= AppliedRequest)
        {
            throw new InvalidOperationException($"Request {number} is older than {AppliedRequest}, which was applied: it is void.");
        }

        if (terms.IsProven || State != SubscriptionState.Active)
        {
            ProvenSecret = terms.Secret;
        }

        AppliedRequest = number;
        State = SubscriptionState.Active;
        EndedAt = null;
        LeaseUntil = leaseUntil;
        ConfirmedAt = now;
        Take(terms);
    }

    /// <summary>Ends the subscription and deletes the secret and the topic, which may contain a key.</summary>
    public void End(SubscriptionState state, DateTimeOffset now, long? number = null)
    {
        if (state is SubscriptionState.Active or SubscriptionState.Pending)
        {
            throw new ArgumentException($"{state} is not an end.", nameof(state));
        }

        AppliedRequest = number ?? AppliedRequest;
        if (State is not (SubscriptionState.Active or SubscriptionState.Pending))
        {
            return;
        }

        State = state;
        EndedAt = now;
        Secret = null;
        ProvenSecret = null;
        Topic = [];
    }

    private void Take(SubscriptionTerms terms)
    {
        Format = terms.Format;
        Kinds = terms.Kinds;
        GrantId = terms.GrantId;
        Topic = terms.Topic;
        Secret = terms.Secret;
        Signature = terms.Signature;
        Delta = terms.Delta;
    }
}

internal sealed class SubscriptionMapping : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> builder)
    {
        builder.ToTable("subscriptions");
        builder.HasKey(subscription => new { subscription.Bucket, subscription.FeedId, subscription.Id });
        builder.Property(subscription => subscription.Bucket).ValueGeneratedNever();
        builder.Property(subscription => subscription.FeedId).ValueGeneratedNever();
        builder.Property(subscription => subscription.Id).ValueGeneratedNever();
        builder.Property(subscription => subscription.Callback).HasMaxLength(Subscription.MaxCallbackLength);
        builder.Ignore(subscription => subscription.IsWebhook);
        builder.HasIndex(subscription => new { subscription.Bucket, subscription.FeedId, subscription.Identity }).IsUnique();
        builder.HasIndex(subscription => subscription.Id);
        builder.HasIndex(subscription => subscription.GrantId);
        builder.HasIndex(subscription => subscription.LeaseUntil).HasFilter("state = 0");
        builder.HasIndex(subscription => subscription.EndedAt).HasFilter("ended_at IS NOT NULL");
    }
}
