using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The state of a request to subscribe or unsubscribe.</summary>
public enum RequestState
{
    /// <summary>The callback was not contacted yet, or has not answered yet.</summary>
    Waiting = 0,

    /// <summary>The callback confirmed the request, and the request took effect.</summary>
    Confirmed = 1,

    /// <summary>The guard allows no request to the callback's address.</summary>
    Refused = 2,

    /// <summary>The callback answered with a status other than 2xx.</summary>
    Declined = 3,

    /// <summary>The callback answered 2xx with a body other than the challenge.</summary>
    WrongChallenge = 4,

    /// <summary>All tries ended without an answer, or with 408, 425, 429 or 5xx.</summary>
    Unanswered = 5,

    /// <summary>The owner or the end of a grant denied the request before the callback confirmed it.</summary>
    Denied = 6,

    /// <summary>A later request for the same subscription replaced this one.</summary>
    Overtaken = 7,

    /// <summary>A request to unsubscribe, but the subscription does not exist: the callback was not contacted.</summary>
    NothingThere = 8,

    /// <summary>
    /// The hub could not verify the callback: the request's data cannot be decrypted, or all tries failed within the hub.
    /// </summary>
    GivenUp = 9,
}

/// <summary>
/// The outcome of a request, for its status link, for the feed's owner and for the subscription's history. The row of
/// <see cref="Verification"/> is the work item and is deleted once the work is done.
/// </summary>
public sealed class HubRequest
{
    public const int MaxReasonLength = 300;
    public const int MaxBeginningLength = 100;

    /// <summary>The most confirmed requests that are kept for one subscription.</summary>
    public const int MostConfirmed = 10;

    /// <summary>The most unsuccessful requests that are kept for one feed.</summary>
    public const int MostFailed = 200;

    private HubRequest()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    /// <summary>The id of its verification.</summary>
    public long Id { get; private set; }

    public byte[] Identity { get; private set; } = [];

    public VerificationMode Mode { get; private set; }

    public string Callback { get; private set; } = "";

    public FeedFormat Format { get; private set; }

    public string? Kinds { get; private set; }

    public long? GrantId { get; private set; }

    /// <summary>The requested lease; 0 if there is none.</summary>
    public int LeaseSeconds { get; private set; }

    /// <summary>Whether the sender had a reader key that opens the feed.</summary>
    public bool HasKey { get; private set; }

    /// <summary>The network of the sender (<see cref="Access.ClientNetwork"/>).</summary>
    public string Network { get; private set; } = "";

    public RequestState State { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The time of the last try with the callback; null = not yet.</summary>
    public DateTimeOffset? AskedAt { get; private set; }

    public int Tries { get; private set; }

    /// <summary>The earliest time of the next try.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>The status of the callback's last answer.</summary>
    public short? Status { get; private set; }

    /// <summary>The fault, in words.</summary>
    public string? Reason { get; private set; }

    /// <summary>The beginning of the answer that was not the challenge.</summary>
    public string? Beginning { get; private set; }

    /// <summary>The end of the granted lease.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>Whether the secret differs from the previous one; null if there was no previous one.</summary>
    public bool? SecretChanged { get; private set; }

    /// <summary>Whether a <c>hub.after</c> was ignored because the sender proved neither a reader key nor the secret.</summary>
    public bool KeptItsPlace { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public static HubRequest Of(Verification verification, bool hasKey, string network) => new()
    {
        Bucket = verification.Bucket,
        FeedId = verification.FeedId,
        Id = verification.Id,
        Identity = verification.Identity,
        Mode = verification.Mode,
        Callback = verification.Callback,
        Format = verification.Format,
        Kinds = verification.Kinds,
        GrantId = verification.GrantId,
        LeaseSeconds = verification.LeaseSeconds,
        HasKey = hasKey,
        Network = network,
        CreatedAt = verification.CreatedAt,
        NextAt = verification.DueAt,
    };

    /// <summary>Records a try with the callback.</summary>
    public void Ask(DateTimeOffset at, short? status)
    {
        AskedAt = at;
        Tries++;
        Status = status;
    }

    /// <summary>Schedules another try, with the reason.</summary>
    public void Wait(DateTimeOffset nextAt, string? reason)
    {
        NextAt = nextAt;
        Reason = Clip(reason, MaxReasonLength);
    }

    /// <summary>Records that the request took effect.</summary>
    public void Confirm(DateTimeOffset? leaseUntil, bool? secretChanged, bool keptItsPlace, DateTimeOffset now)
    {
        (LeaseUntil, SecretChanged, KeptItsPlace) = (leaseUntil, secretChanged, keptItsPlace);
        End(RequestState.Confirmed, null, null, now);
    }

    /// <summary>Records the end of the request.</summary>
    public void End(RequestState state, string? reason, string? beginning, DateTimeOffset now)
    {
        State = state;
        Reason = Clip(reason, MaxReasonLength);
        Beginning = Clip(beginning, MaxBeginningLength);
        NextAt = null;
        EndedAt = now;
    }

    // Does not cut a surrogate pair in two.
    private static string? Clip(string? text, int most) =>
        text?.Length > most ? text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] : text;
}

internal sealed class HubRequestMapping : IEntityTypeConfiguration<HubRequest>
{
    public void Configure(EntityTypeBuilder<HubRequest> builder)
    {
        builder.ToTable("subscription_requests");
        builder.HasKey(request => new { request.Bucket, request.FeedId, request.Id });
        builder.Property(request => request.Bucket).ValueGeneratedNever();
        builder.Property(request => request.FeedId).ValueGeneratedNever();
        builder.Property(request => request.Id).ValueGeneratedNever();
        builder.Property(request => request.Callback).HasMaxLength(Subscription.MaxCallbackLength);
        builder.Property(request => request.Network).HasMaxLength(50);
        builder.Property(request => request.Reason).HasMaxLength(HubRequest.MaxReasonLength);
        builder.Property(request => request.Beginning).HasMaxLength(HubRequest.MaxBeginningLength);
        builder.HasIndex(request => new { request.Bucket, request.FeedId, request.Identity, request.CreatedAt });
        builder.HasIndex(request => new { request.Bucket, request.FeedId, request.CreatedAt });
        builder.HasIndex(request => request.Id);
        builder.HasIndex(request => request.CreatedAt);
    }
}
