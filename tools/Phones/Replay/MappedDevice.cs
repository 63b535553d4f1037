using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Replay;

/// <summary>The device to which a source file is replayed.</summary>
/// <param name="Source">The file's name without folder and extensions; it is also the device's name.</param>
/// <param name="Device">The device's id.</param>
/// <param name="Feed">The feed's id.</param>
/// <param name="Urls">The feed's URLs, by name: atom, rss, json, js, geojson, stream, updates.</param>
/// <param name="Key">The device key: a secret.</param>
internal sealed record MappedDevice(
    [property: JsonRequired] string Source,
    [property: JsonRequired] string Device,
    [property: JsonRequired] string Feed,
    string? IngestUrl,
    [property: JsonRequired] IReadOnlyDictionary<string, string> Urls,
    [property: JsonRequired] string Key
);
