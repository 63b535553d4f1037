using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Replay;

/// <summary>The device that a source file is replayed to.</summary>
/// <param name="Source">The file's name without its folder and endings; the device bears it too.</param>
/// <param name="Device">Its id.</param>
/// <param name="Feed">Its feed's id.</param>
/// <param name="Urls">The feed's, by name: atom, rss, json, js, geojson, stream, updates.</param>
/// <param name="Key">The device key: a secret.</param>
internal sealed record MappedDevice(
    [property: JsonRequired] string Source,
    [property: JsonRequired] string Device,
    [property: JsonRequired] string Feed,
    string? IngestUrl,
    [property: JsonRequired] IReadOnlyDictionary<string, string> Urls,
    [property: JsonRequired] string Key
);
