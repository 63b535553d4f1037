using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>A subscription as the feed's owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Callback">The callback's URL.</param>
/// <param name="State">pending, active, suspended, expired, unsubscribed, gone, denied or broken.</param>
/// <param name="Format">atom, rss, json, js or geojson.</param>
/// <param name="Kinds">The kinds in its topic; null = all.</param>
/// <param name="Delta">True where JSON formats carry only new updates.</param>
/// <param name="Signed">True where deliveries are signed.</param>
/// <param name="Grant">The grant of its key; null = the owner's own view.</param>
/// <param name="Lane">express or catchUp; null unless it is active.</param>
/// <param name="Cursor">The last seq that the callback has accepted; null unless it is active.</param>
/// <param name="Behind">The number of updates of the feed after the cursor.</param>
/// <param name="Failures">Failed attempts since the last success.</param>
/// <param name="FailingSince">The time of the first of them; null after a success.</param>
/// <param name="LastStatus">The callback's last status; null where none was received.</param>
/// <param name="NextAttempt">The time of the next try, where it waits.</param>
/// <param name="Paced">True while it waits because the account has used up its bytes of this hour for the host.</param>
/// <param name="Gap">The gap that the callback has not been informed of yet, both ends inclusive.</param>
/// <param name="Parked">The number of parked updates.</param>
/// <param name="ReplayAfter">The position from which a requested replay will start: it sends later updates.</param>
/// <param name="LeaseUntil">The end of its lease unless it is renewed; null = a webhook, which has no lease.</param>
/// <param name="CreatedAt">The time of its first confirmation; of a webhook, of its creation.</param>
/// <param name="ConfirmedAt">The time of its last confirmation; null = not yet.</param>
/// <param name="EndedAt">The time of its end; null while it has none.</param>
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
