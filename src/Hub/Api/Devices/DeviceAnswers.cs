using System.Text.Json.Serialization;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>A device as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Key">The device key; shown once, when it is made.</param>
/// <param name="IngestUrl">The address to paste into an app, with a key in it that opens this feed for writing and nothing else; not in lists.</param>
/// <param name="Feed">The feed that it writes to.</param>
/// <param name="CreatedAt">When it joined.</param>
/// <param name="Kinds">Which kinds are taken of what its apps send to the ingest address; null = all.</param>
/// <param name="ThinMetres">Places no farther than this from the last stored one are merged into it; null = all are stored.</param>
/// <param name="ThinMinutes">For no longer than this.</param>
/// <param name="Merged">How many places have been merged in all.</param>
/// <param name="HasPassphrase">Whether OwnTracks' messages can be decrypted.</param>
/// <param name="LastSeen">When it was last heard of, whichever way it wrote, give or take three seconds; null = never.</param>
/// <param name="Format">In which format its last message to the ingest address was.</param>
/// <param name="App">What the app calls itself.</param>
/// <param name="LastError">Why its last message that could not be read was rejected.</param>
/// <param name="LastErrorAt">When that was.</param>
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

/// <summary>What is to be changed of a device; what is left out stays.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Kinds">Which kinds to take of what its apps send to the ingest address; null = all.</param>
/// <param name="ThinMetres">Merge places within so many metres of the last stored one, 1 to 10,000; null = store all.</param>
/// <param name="ThinMinutes">But store one after so many minutes, 1 to 1,440; unless said, 10.</param>
/// <param name="Passphrase">Of OwnTracks' encryption, up to 32 bytes; null = none.</param>
internal sealed record DeviceChangeBody(string? Name, IReadOnlyList<string>? Kinds, int? ThinMetres, int? ThinMinutes, string? Passphrase);
