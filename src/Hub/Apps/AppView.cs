using System.Globalization;
using System.Text.Json.Nodes;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Hub.Apps;

/// <summary>The view of a feed for an app: as requested, as reduced by the owner, and as stored in a grant.</summary>
/// <param name="Kinds">The kinds, sorted; null = all.</param>
/// <param name="Precision">The precision of places.</param>
/// <param name="From">The earliest visible time of receipt; null = no limit.</param>
/// <param name="DelaySeconds">The delay after its receipt with which an update is visible.</param>
/// <param name="Until">The end; null = until it is revoked.</param>
/// <param name="Rights">Any of read, subscribe and reply.</param>
internal sealed record AppView(
    IReadOnlyList<string>? Kinds, Precision Precision, DateTimeOffset? From, int DelaySeconds, DateTimeOffset? Until, GrantRights Rights)
{
    /// <summary>The actions of a request by their names.</summary>
    public static IReadOnlyList<(string Word, GrantRights Right)> Actions { get; } =
        [("read", GrantRights.Read), ("subscribe", GrantRights.Subscribe), ("reply", GrantRights.Reply)];

    public static AppView Of(Grant grant) =>
        new(grant.Kinds?.Split(','), grant.Precision, grant.From, grant.DelaySeconds, grant.Until, grant.Rights);

    /// <summary>Returns the view that both allow. The other view can never widen this one.</summary>
    public AppView Within(AppView other) => new(
        Kinds is null ? other.Kinds : other.Kinds is null ? Kinds : [.. Kinds.Intersect(other.Kinds)],
        (Precision)Math.Max((int)Precision, (int)other.Precision),
        From is null || other.From > From ? other.From : From,
        Math.Max(DelaySeconds, other.DelaySeconds),
        Until is null || other.Until < Until ? other.Until : Until,
        Rights & other.Rights);

    public void ApplyTo(Grant grant)
    {
        grant.Limit(Kinds is null ? null : string.Join(',', Kinds), Precision);
        grant.Show(From, to: null, DelaySeconds);
        grant.EndAt(Until);
        grant.Allow(Rights);
    }

    /// <summary>Writes it as an element of <c>authorization_details</c> (RFC 9396 §7: the granted details, enriched by the feed).</summary>
    public JsonObject ToJson(long feedId) => new()
    {
        ["type"] = AuthorizationDetails.Type,
        ["feeds"] = new JsonArray(OpaqueId.Format(feedId)),
        ["kinds"] = Kinds is null ? null : new JsonArray([.. Kinds.Select(kind => JsonValue.Create(kind))]),
        ["precision"] = PrecisionWords.Of(Precision),
        ["history"] = From is { } from ? Time(from) : "all",
        ["delaySeconds"] = DelaySeconds,
        ["until"] = Until is { } until ? Time(until) : null,
        ["actions"] = new JsonArray([.. ActionWords.Select(word => JsonValue.Create(word))]),
    };

    public IReadOnlyList<string> ActionWords => [.. Actions.Where(word => Rights.HasFlag(word.Right)).Select(word => word.Word)];

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture);
}
