using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>The result of a request to <c>/hub</c>, or of a webhook's test delivery.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Mode">subscribe, unsubscribe or webhook.</param>
/// <param name="State">waiting, asked, confirmed, refused, declined, wrongChallenge, unanswered, denied, overtaken, nothingThere or
/// givenUp.</param>
/// <param name="Message">The same for people, with what to do.</param>
/// <param name="Callback">The callback's URL.</param>
/// <param name="Format">atom, rss, json, js or geojson.</param>
/// <param name="Kinds">The kinds in its topic; null = all.</param>
/// <param name="Grant">The grant of the topic's key; null = the owner's own view, and over the request's own link.</param>
/// <param name="Network">The network that sent the request; null over the request's own link.</param>
/// <param name="LeaseSeconds">The requested lease; null where it requests none.</param>
/// <param name="At">The time of its receipt.</param>
/// <param name="Tries">The number of GETs to the callback.</param>
/// <param name="AskedAt">The time of the last GET.</param>
/// <param name="NextAttempt">The earliest time of the next GET.</param>
/// <param name="LastStatus">The callback's last status.</param>
/// <param name="Reason">The fault.</param>
/// <param name="Beginning">The beginning of an answer without the challenge; null for a request without a key.</param>
/// <param name="EndedAt">The time of the result.</param>
public sealed record RequestResponse(
    string Id,
    string Mode,
    string State,
    string Message,
    string Callback,
    string Format,
    IReadOnlyList<string>? Kinds,
    string? Grant,
    string? Network,
    int? LeaseSeconds,
    DateTime At,
    int Tries,
    DateTime? AskedAt,
    DateTime? NextAttempt,
    int? LastStatus,
    string? Reason,
    string? Beginning,
    DateTime? EndedAt)
{
    /// <summary>For the feed's owner.</summary>
    public static RequestResponse ForOwner(HubRequest row) => Of(row, row.Beginning) with
    {
        Grant = row.GrantId is { } grant ? OpaqueId.Format(grant) : null,
        Network = row.Network.Length == 0 ? null : row.Network,
    };

    /// <summary>
    /// The form for the sender of the request. A sender without a key could use the hub to read answers at an address that the operator
    /// opened, so it gets the kind of the answer and not its text.
    /// </summary>
    public static RequestResponse ForSender(HubRequest row) => Of(row, row.HasKey ? row.Beginning : null);

    private static RequestResponse Of(HubRequest row, string? beginning) => new(
        OpaqueId.Format(row.Id),
        row.Mode switch
        {
            VerificationMode.Subscribe => "subscribe",
            VerificationMode.Unsubscribe => "unsubscribe",
            _ => "webhook",
        },
        Word(row),
        MessageOf(row),
        row.Callback,
        row.Format.Extension(),
        row.Kinds?.Split(','),
        null,
        null,
        row.LeaseSeconds == 0 ? null : row.LeaseSeconds,
        row.CreatedAt.UtcDateTime,
        row.Tries,
        row.AskedAt?.UtcDateTime,
        row.NextAt?.UtcDateTime,
        row.Status,
        row.Reason,
        beginning,
        row.EndedAt?.UtcDateTime);

    private static string Word(HubRequest row) => row.State switch
    {
        RequestState.Waiting => row.Tries == 0 ? "waiting" : "asked",
        RequestState.Confirmed => "confirmed",
        RequestState.Refused => "refused",
        RequestState.Declined => "declined",
        RequestState.WrongChallenge => "wrongChallenge",
        RequestState.Unanswered => "unanswered",
        RequestState.Denied => "denied",
        RequestState.Overtaken => "overtaken",
        RequestState.NothingThere => "nothingThere",
        _ => "givenUp",
    };

    private static string MessageOf(HubRequest row) => row.State switch
    {
        RequestState.Waiting when row.Tries == 0 => "The callback has yet to be asked.",
        RequestState.Waiting => "The callback was asked and gave no answer that counts; it is asked again.",
        RequestState.Confirmed => "The callback confirmed it, and it took effect.",
        RequestState.Refused =>
            "The hub sends nothing to this callback's address. Give a callback that is reached from the internet, or ask the operator to "
            + "open its network.",
        RequestState.Declined =>
            "The callback answered with no 2xx, which means no. Let it answer 200 and the challenge, and send the request again.",
        RequestState.WrongChallenge =>
            "The callback answered 2xx, and not with the value of hub.challenge alone. Let it answer with that and nothing else, and send "
            + "the request again.",
        RequestState.Unanswered => "The callback did not answer, however often it was asked. Send the request again once it does.",
        RequestState.Denied => "The feed's owner, or the end of the grant, was quicker than the callback.",
        RequestState.Overtaken => "A later request for the same topic and callback holds in its place.",
        RequestState.NothingThere => "This callback is not subscribed to this topic: it was not asked, and nothing had to be ended.",
        _ => "The hub could not ask the callback. Send the request again.",
    };
}
