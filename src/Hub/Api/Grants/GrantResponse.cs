using System.Text.Json.Serialization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>A grant as the feed's owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The name that the owner gave.</param>
/// <param name="Public">True where no key is needed.</param>
/// <param name="Key">The reader key; shown once, when it is created.</param>
/// <param name="Rights">Any of read, subscribe and reply.</param>
/// <param name="Precision">The precision of places.</param>
/// <param name="Kinds">The visible kinds; null = all.</param>
/// <param name="From">The earliest visible time of receipt; null = no limit.</param>
/// <param name="To">The latest visible time of receipt; null = no limit.</param>
/// <param name="DelaySeconds">The delay after its receipt with which an update is visible.</param>
/// <param name="Until">The end of the grant; null = until it is revoked.</param>
/// <param name="CreatedAt">The time of its creation.</param>
/// <param name="Urls">The addresses for its holder, with the key where it was just created; absent where only the holder knows the
/// key.</param>
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
