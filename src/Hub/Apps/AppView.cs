using System.Globalization;
using System.Text.Json.Nodes;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Hub.Apps;

/// <summary>What of a feed an app may see: what it asks for, what an owner leaves of that, and what stands in a grant.</summary>
/// <param name="Kinds">Which kinds, sorted; null = all.</param>
/// <param name="Precision">How exactly a place is seen.</param>
/// <param name="From">Since when what was received is seen; null = from the beginning.</param>
/// <param name="DelaySeconds">How long after its receipt an update is seen.</param>
/// <param name="Until">When it ends by itself; null = when it is taken back.</param>
/// <param name="Rights">Of read, subscribe and reply.</param>
internal sealed record AppView(
    IReadOnlyList<string>? Kinds, Precision Precision, DateTimeOffset? From, int DelaySeconds, DateTimeOffset? Until, GrantRights Rights)
{
    /// <summary>The actions of a request by their names.</summary>
    public static IReadOnlyList<(string Word, GrantRights Right)> Actions { get; } =
        [("read", GrantRights.Read), ("subscribe", GrantRights.Subscribe), ("reply", GrantRights.Reply)];

    public static AppView Of(Grant grant) =>
        new(grant.Kinds?.Split(','), grant.Precision, grant.From, grant.DelaySeconds, grant.Until, grant.Rights);

    /// <summary>What both allow. Whatever the other one says, nothing of this one grows by it.</summary>
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

    /// <summary>As an element of <c>authorization_details</c> (RFC 9396 §7: what was granted, enriched by the feed).</summary>
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
