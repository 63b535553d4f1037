using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>What has become of a request to subscribe or unsubscribe.</summary>
public enum RequestState
{
    /// <summary>Its callback has yet to be asked, or to answer.</summary>
    Waiting = 0,

    /// <summary>The callback said yes, and the request took effect.</summary>
    Confirmed = 1,

    /// <summary>The guard lets no request go to the callback's address.</summary>
    Refused = 2,

    /// <summary>The callback answered, and not with a 2xx.</summary>
    Declined = 3,

    /// <summary>The callback answered 2xx with something else than the challenge.</summary>
    WrongChallenge = 4,

    /// <summary>No answer came, or none but 408, 425, 429 and 5xx, as often as the hub asks.</summary>
    Unanswered = 5,

    /// <summary>The owner, or the end of a grant, was quicker.</summary>
    Denied = 6,

    /// <summary>A later request of the same subscription took its place.</summary>
    Overtaken = 7,

    /// <summary>To unsubscribe what is not there: there was nothing to ask.</summary>
    NothingThere = 8,

    /// <summary>The hub could not ask: what it needs for that cannot be decrypted.</summary>
    GivenUp = 9,
}

/// <summary>
/// What became of a request, for its status link, for the feed's owner and for the subscription's own history: the row of <see cref="Verification"/> is
/// the work, and gone once it is done.
/// </summary>
public sealed class HubRequest
{
    public const int MaxReasonLength = 300;
    public const int MaxBeginningLength = 100;

    /// <summary>So many that were confirmed are kept of one subscription.</summary>
    public const int MostConfirmed = 10;

    /// <summary>So many that came to nothing are kept of one feed.</summary>
    public const int MostFailed = 200;

    private HubRequest()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    /// <summary>That of its verification.</summary>
    public long Id { get; private set; }

    public byte[] Identity { get; private set; } = [];

    public VerificationMode Mode { get; private set; }

    public string Callback { get; private set; } = "";

    public FeedFormat Format { get; private set; }

    public string? Kinds { get; private set; }

    public long? GrantId { get; private set; }

    /// <summary>As asked for; 0 where there is none.</summary>
    public int LeaseSeconds { get; private set; }

    /// <summary>Whoever sent it had a reader key that opens the feed.</summary>
    public bool HasKey { get; private set; }

    /// <summary>Where it came from (<see cref="Access.ClientNetwork"/>).</summary>
    public string Network { get; private set; } = "";

    public RequestState State { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the callback was asked last; null = not yet.</summary>
    public DateTimeOffset? AskedAt { get; private set; }

    public int Tries { get; private set; }

    /// <summary>Not before when it is asked, or asked again.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>The callback's last answer.</summary>
    public short? Status { get; private set; }

    /// <summary>In words, what was wrong.</summary>
    public string? Reason { get; private set; }

    /// <summary>How the answer began that was not the challenge.</summary>
    public string? Beginning { get; private set; }

    /// <summary>Until when the lease was given.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>Whether the secret is another than before; null where there was none before.</summary>
    public bool? SecretChanged { get; private set; }

    /// <summary>A <c>hub.after</c> of somebody who proved nothing was not followed.</summary>
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

    /// <summary>The callback was asked.</summary>
    public void Ask(DateTimeOffset at, short? status)
    {
        AskedAt = at;
        Tries++;
        Status = status;
    }

    /// <summary>It is asked again, for this reason.</summary>
    public void Wait(DateTimeOffset nextAt, string? reason)
    {
        NextAt = nextAt;
        Reason = Clip(reason, MaxReasonLength);
    }

    /// <summary>It holds from now on.</summary>
    public void Confirm(DateTimeOffset? leaseUntil, bool? secretChanged, bool keptItsPlace, DateTimeOffset now)
    {
        (LeaseUntil, SecretChanged, KeptItsPlace) = (leaseUntil, secretChanged, keptItsPlace);
        End(RequestState.Confirmed, null, null, now);
    }

    /// <summary>It came to nothing.</summary>
    public void End(RequestState state, string? reason, string? beginning, DateTimeOffset now)
    {
        State = state;
        Reason = Clip(reason, MaxReasonLength);
        Beginning = Clip(beginning, MaxBeginningLength);
        NextAt = null;
        EndedAt = now;
    }

    // No character is cut in two.
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
