using System.Text.Json.Serialization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>A grant as the feed's owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What the owner calls it.</param>
/// <param name="Public">True where no key is needed.</param>
/// <param name="Key">The reader key; shown once, when it is made.</param>
/// <param name="Rights">Of read and subscribe.</param>
/// <param name="Precision">How exactly a place is seen.</param>
/// <param name="Kinds">Which kinds are seen; null = all.</param>
/// <param name="From">Since when what was received is seen; null = from the beginning.</param>
/// <param name="To">Until when; null = without end.</param>
/// <param name="DelaySeconds">How long after its receipt an update is seen.</param>
/// <param name="Until">When the grant itself ends; null = when it is revoked.</param>
/// <param name="CreatedAt">When it was given.</param>
/// <param name="Urls">Where its holder reads; with the key where it was just made, absent where it is known to its holder alone.</param>
internal sealed record GrantResponse(
    string Id,
    string Name,
    bool Public,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    IReadOnlyList<string> Rights,
    string Precision,
    IReadOnlyList<string>? Kinds,
    DateTime? From,
    DateTime? To,
    int DelaySeconds,
    DateTime? Until,
    DateTime CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FeedUrls? Urls)
{
    public static GrantResponse Of(HubOptions hub, Grant grant, string? key = null) => new(
        OpaqueId.Format(grant.Id),
        grant.Name,
        grant.IsPublic,
        key,
        [.. Words.Where(word => grant.Rights.HasFlag(word.Right)).Select(word => word.Word)],
        PrecisionWords.Of(grant.Precision),
        grant.Kinds?.Split(','),
        grant.From?.UtcDateTime,
        grant.To?.UtcDateTime,
        grant.DelaySeconds,
        grant.Until?.UtcDateTime,
        grant.CreatedAt.UtcDateTime,
        key is not null || grant.IsPublic ? FeedUrls.Of(hub, grant.FeedId, key) : null);

    /// <summary>The rights by their names.</summary>
    public static IReadOnlyList<(string Word, GrantRights Right)> Words { get; } =
        [("read", GrantRights.Read), ("subscribe", GrantRights.Subscribe), ("reply", GrantRights.Reply)];
}
