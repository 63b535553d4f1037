using System.Text.Json.Nodes;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>A subscription as its callback sees it, over the link that every delivery carries.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">pending, active, suspended, expired, unsubscribed, gone, denied or broken.</param>
/// <param name="Format">atom, rss, json, js or geojson.</param>
/// <param name="Kinds">The kinds in its topic; null = all.</param>
/// <param name="LeaseUntil">The end of its lease unless it is renewed; null = a webhook, which has no lease.</param>
/// <param name="Lane">express or catchUp; null unless it is active, and where the view hides updates.</param>
/// <param name="Cursor">The position of the last update that the callback has accepted: for <c>hub.after</c>.</param>
/// <param name="Behind">The number of updates after it; null where the view hides some of them.</param>
/// <param name="LastStatus">The callback's last status.</param>
/// <param name="FailingSince">The time of the first failure in a row; null after a success.</param>
/// <param name="NextAttempt">The time of the next try, where it waits; only after a failure where the view hides updates.</param>
/// <param name="Gap">The gap that the callback has not been informed of yet: from and to; only true where the view hides updates.</param>
/// <param name="ReplayAfter">The position from which a requested replay will start.</param>
/// <param name="Parked">The number of parked updates: the callback refused them while it accepted others.</param>
/// <param name="ParkedUpdates">The first of them.</param>
/// <param name="EndedAt">The time of its end.</param>
/// <param name="Attempts">The last attempts, newest first.</param>
/// <param name="Changes">The latest confirmed changes, newest first: subscribing, renewals, unsubscribing.</param>
internal sealed record StatusResponse(
    string Id,
    string State,
    string Format,
    IReadOnlyList<string>? Kinds,
    DateTime? LeaseUntil,
    string? Lane,
    JsonNode? Cursor,
    long? Behind,
    int? LastStatus,
    DateTime? FailingSince,
    DateTime? NextAttempt,
    JsonNode? Gap,
    JsonNode? ReplayAfter,
    int Parked,
    IReadOnlyList<StatusParked> ParkedUpdates,
    DateTime? EndedAt,
    IReadOnlyList<StatusAttempt> Attempts,
    IReadOnlyList<StatusChange> Changes);

/// <summary>One POST, in positions of the subscription's view.</summary>
internal sealed record StatusAttempt(string Id, DateTime At, JsonNode? From, JsonNode? To, int? Status, int Milliseconds, string? Error);

/// <summary>One parked update, in positions of the subscription's view.</summary>
internal sealed record StatusParked(JsonNode? Seq, DateTime At, int? Status, string? Error, string? Answer, DateTime? Wanted);

/// <summary>One request that the callback confirmed.</summary>
/// <param name="At">When.</param>
/// <param name="Mode">subscribe, unsubscribe or webhook.</param>
/// <param name="LeaseUntil">The lease that it gave.</param>
/// <param name="SecretChanged">Whether the secret is another than before; null where there was none before.</param>
/// <param name="Network">Where the request came from: IPv4 to /24, IPv6 to /48.</param>
/// <param name="KeptItsPlace">True where its <c>hub.after</c> was not followed, since it came without a reader key and without a
/// proof.</param>
internal sealed record StatusChange(DateTime At, string Mode, DateTime? LeaseUntil, bool? SecretChanged, string? Network, bool KeptItsPlace)
{
    public static StatusChange Of(HubRequest row) => new(
        (row.EndedAt ?? row.CreatedAt).UtcDateTime,
        row.Mode switch
        {
            VerificationMode.Subscribe => "subscribe",
            VerificationMode.Unsubscribe => "unsubscribe",
            _ => "webhook",
        },
        row.LeaseUntil?.UtcDateTime,
        row.SecretChanged,
        row.Network.Length == 0 ? null : row.Network,
        row.KeptItsPlace);
}
