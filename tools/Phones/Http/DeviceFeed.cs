using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

/// <summary>A device's feed: its id, and its URLs by name (atom, rss, json, js, geojson, stream, updates).</summary>
internal sealed record DeviceFeed([property: JsonRequired] string Id, [property: JsonRequired] IReadOnlyDictionary<string, string> Urls);
