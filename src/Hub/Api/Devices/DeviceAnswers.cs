using System.Text.Json.Serialization;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>A device as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The name that the owner gave.</param>
/// <param name="Key">The device key; shown once, when it is created.</param>
/// <param name="IngestUrl">The address to paste into an app. Its key opens this feed for writing and nothing else. Not in lists.</param>
/// <param name="Feed">The feed that it writes to.</param>
/// <param name="CreatedAt">The time of its creation.</param>
/// <param name="Kinds">The kinds that are stored of its apps' messages to the ingest address; null = all.</param>
/// <param name="ThinMetres">Places no farther than this from the last stored one are merged into it; null = all are stored.</param>
/// <param name="ThinMinutes">The longest time for which places are merged.</param>
/// <param name="Merged">The number of places that have been merged.</param>
/// <param name="HasPassphrase">Whether OwnTracks' messages can be decrypted.</param>
/// <param name="LastSeen">The time of its last message in any way, within three seconds; null = never.</param>
/// <param name="Format">The format of its last message to the ingest address.</param>
/// <param name="App">The name by which the app identifies itself.</param>
/// <param name="LastError">The reason why its last unreadable message was rejected.</param>
/// <param name="LastErrorAt">The time of that message.</param>
internal sealed record DeviceResponse(
    string Id,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IngestUrl,
    FeedResponse Feed,
    DateTime CreatedAt,
    IReadOnlyList<string>? Kinds,
    int? ThinMetres,
    int? ThinMinutes,
    long Merged,
    bool HasPassphrase,
    DateTime? LastSeen,
    string? Format,
    string? App,
    string? LastError,
    DateTime? LastErrorAt)
{
    public static DeviceResponse Of(
        Device device, FeedResponse feed, string? ingestUrl, DeviceStatus? sighting, DateTimeOffset? lastHeard, long merged,
        string? key = null) => new(
        OpaqueId.Format(device.Id), device.Name, key, ingestUrl, feed, device.CreatedAt.UtcDateTime, device.TakenKinds?.Split(','),
        device.ThinMetres, device.ThinMinutes, merged, device.Passphrase is not null, lastHeard?.UtcDateTime, sighting?.Format,
        sighting?.App, sighting?.LastError, sighting?.LastErrorAt?.UtcDateTime);
}

/// <summary>A device's new key: the one before opens nothing any more.</summary>
/// <param name="Key">The device key, shown once.</param>
/// <param name="IngestUrl">The new address for apps, with a key in it.</param>
internal sealed record KeyResponse(string Key, string IngestUrl);

/// <summary>A device's name.</summary>
/// <param name="Name">1 to 100 characters.</param>
internal sealed record DeviceName(string Name);

/// <summary>Changes of a device; an absent member stays.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Kinds">The kinds to store of its apps' messages to the ingest address; null = all.</param>
/// <param name="ThinMetres">Merge places within so many metres of the last stored one, 1 to 10,000; null = store all.</param>
/// <param name="ThinMinutes">But store one place after so many minutes, 1 to 1,440; 10 if absent.</param>
/// <param name="Passphrase">The passphrase of OwnTracks' encryption, up to 32 bytes; null = none.</param>
internal sealed record DeviceChangeBody(string? Name, IReadOnlyList<string>? Kinds, int? ThinMetres, int? ThinMinutes, string? Passphrase);
