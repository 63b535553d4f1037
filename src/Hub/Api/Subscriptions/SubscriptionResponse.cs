using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>A subscription as the feed's owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Callback">Where it is delivered.</param>
/// <param name="State">pending, active, suspended, expired, unsubscribed, gone, denied or broken.</param>
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
/// <param name="Paced">True while it waits since the account has sent its host all the bytes of this hour.</param>
/// <param name="Gap">What the callback missed and has not been told yet, both ends inclusive.</param>
/// <param name="Parked">How many updates are parked.</param>
/// <param name="ReplayAfter">Where a replay that was asked for and has not begun goes back to: it sends what is after.</param>
/// <param name="LeaseUntil">When it expires unless renewed; null = a webhook, which has no lease.</param>
/// <param name="CreatedAt">When it was first confirmed; of a webhook, when it was made.</param>
/// <param name="ConfirmedAt">When it was confirmed last; null = never yet.</param>
/// <param name="EndedAt">When it ended; null while it has not.</param>
public sealed record SubscriptionResponse(
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
    bool Paced,
    GapResponse? Gap,
    int Parked,
    long? ReplayAfter,
    DateTime? LeaseUntil,
    DateTime CreatedAt,
    DateTime? ConfirmedAt,
    DateTime? EndedAt)
{
    public static SubscriptionResponse Of(Subscription row, DeliveryCursor? cursor, long head, DateTimeOffset now) => new(
        OpaqueId.Format(row.Id),
        row.Callback,
        SubscriptionWords.Of(row, cursor, now),
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
        cursor?.Notes.HasFlag(CursorNotes.Paced) is true,
        cursor is { GapFrom: { } from, GapTo: { } to } ? new GapResponse(from, to) : null,
        cursor?.Parked ?? 0,
        cursor?.ReplayAfter,
        row.LeaseUntil?.UtcDateTime,
        row.CreatedAt.UtcDateTime,
        row.ConfirmedAt > DateTimeOffset.UnixEpoch ? row.ConfirmedAt.UtcDateTime : null,
        row.State == SubscriptionState.Pending ? null : row.EndedAt?.UtcDateTime);
}

/// <summary>Updates that a callback missed: from and to, both inclusive.</summary>
public sealed record GapResponse(long From, long To);
