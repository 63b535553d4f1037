using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>A subscription as the feed's owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Callback">Where it is delivered.</param>
/// <param name="State">active, expired, unsubscribed, gone, denied or broken.</param>
/// <param name="Format">atom, rss, json, js or geojson.</param>
/// <param name="Kinds">Which kinds its topic names; null = all.</param>
/// <param name="Delta">True where JSON formats carry only what is new.</param>
/// <param name="Signed">True where deliveries are signed.</param>
/// <param name="Grant">The grant under which it reads; null = as the owner.</param>
/// <param name="Lane">express or catchUp; null unless it is active.</param>
/// <param name="Cursor">The last seq that the callback has accepted; null unless it is active.</param>
/// <param name="Behind">How many updates of the feed are after the cursor.</param>
/// <param name="Failures">Failed attempts since the last success.</param>
/// <param name="FailingSince">Since when; null where the last attempt was good.</param>
/// <param name="LastStatus">The callback's last answer; null where none came.</param>
/// <param name="NextAttempt">When it is tried next, where it waits.</param>
/// <param name="LeaseUntil">When it expires unless renewed.</param>
/// <param name="CreatedAt">When it was first confirmed.</param>
/// <param name="ConfirmedAt">When it was confirmed last.</param>
/// <param name="EndedAt">When it ended; null while it is active.</param>
internal sealed record SubscriptionAnswer(
    string Id,
    string Callback,
    string State,
    string Format,
    IReadOnlyList<string>? Kinds,
    bool Delta,
    bool Signed,
    string? Grant,
    string? Lane,
    long? Cursor,
    long? Behind,
    int? Failures,
    DateTime? FailingSince,
    int? LastStatus,
    DateTime? NextAttempt,
    DateTime? LeaseUntil,
    DateTime CreatedAt,
    DateTime ConfirmedAt,
    DateTime? EndedAt)
{
    public static SubscriptionAnswer Of(Subscription row, DeliveryCursor? cursor, long head, DateTimeOffset now) => new(
        OpaqueId.Format(row.Id),
        row.Callback,
        SubscriptionWords.Of(row, now),
        row.Format.Extension(),
        row.Kinds?.Split(','),
        row.Delta,
        row.Secret is not null,
        row.GrantId is { } grant ? OpaqueId.Format(grant) : null,
        cursor is null ? null : SubscriptionWords.Of(cursor.Lane),
        cursor?.Position,
        cursor is null ? null : Math.Max(0, head - cursor.Position),
        cursor?.Failures,
        cursor?.FailingSince?.UtcDateTime,
        cursor?.LastStatus,
        cursor is { Lane: Ledger.Subscriptions.Lane.CatchUp } ? cursor.DueAt?.UtcDateTime : null,
        row.LeaseUntil?.UtcDateTime,
        row.CreatedAt.UtcDateTime,
        row.ConfirmedAt.UtcDateTime,
        row.EndedAt?.UtcDateTime);
}

/// <summary>One POST to a callback, as the feed's owner sees it.</summary>
/// <param name="Id">Its name, as in the header <c>Hub-Delivery</c>.</param>
/// <param name="At">When it was made.</param>
/// <param name="From">The first update that was new in it.</param>
/// <param name="To">The last.</param>
/// <param name="Status">What the callback answered; null where no answer came.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Bytes">Of the body that was sent.</param>
/// <param name="Error">What went wrong, in words.</param>
/// <param name="Answer">The beginning of a refusal's body.</param>
internal sealed record AttemptAnswer(
    string Id, DateTime At, long From, long To, int? Status, int Milliseconds, int Bytes, string? Error, string? Answer)
{
    public static AttemptAnswer Of(Attempt attempt) => new(
        attempt.Id.ToString(),
        attempt.At.UtcDateTime,
        attempt.FromSeq,
        attempt.ToSeq,
        attempt.Status,
        attempt.Milliseconds,
        attempt.Bytes,
        attempt.Error,
        attempt.Answer);
}

/// <summary>States and lanes as the API names them.</summary>
internal static class SubscriptionWords
{
    // The row is told of its end by a chore, but a lease is over when it is over (WebSub §5.3.1).
    public static string Of(Subscription row, DateTimeOffset now) => row.State switch
    {
        SubscriptionState.Active when row.LeaseUntil <= now => "expired",
        SubscriptionState.Active => "active",
        SubscriptionState.Expired => "expired",
        SubscriptionState.Unsubscribed => "unsubscribed",
        SubscriptionState.Gone => "gone",
        SubscriptionState.Denied => "denied",
        _ => "broken",
    };

    public static string Of(Lane lane) => lane == Lane.Express ? "express" : "catchUp";
}
