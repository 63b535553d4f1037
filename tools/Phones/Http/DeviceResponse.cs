using System.Text.Json.Serialization;

namespace ActivityHub.Phones.Http;

/// <summary>A device as the hub made it. The key is a secret that is shown this once.</summary>
internal sealed record DeviceResponse(
    [property: JsonRequired] string Id,
    string Name,
    [property: JsonRequired] string Key,
    string? IngestUrl,
    [property: JsonRequired] DeviceFeed Feed
);
