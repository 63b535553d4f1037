using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

/// <summary>A new device from the hub's answer. The key is a secret that is shown only once.</summary>
internal sealed record DeviceResponse(
    [property: JsonRequired] string Id,
    string Name,
    [property: JsonRequired] string Key,
    string? IngestUrl,
    [property: JsonRequired] DeviceFeed Feed
);
