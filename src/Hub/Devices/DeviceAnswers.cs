using System.Text.Json.Serialization;
using ActivityHub.Hub.Feeds;

namespace ActivityHub.Hub.Devices;

/// <summary>A device as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Key">The device key; shown once, when it is made.</param>
/// <param name="IngestUrl">For apps that can send no header: an address with a key in it; shown with the key.</param>
/// <param name="Feed">The feed that it writes to.</param>
/// <param name="CreatedAt">When it joined.</param>
internal sealed record DeviceAnswer(
    string Id,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IngestUrl,
    FeedAnswer Feed,
    DateTime CreatedAt);

/// <summary>A device's new key: the one before opens nothing any more.</summary>
/// <param name="Key">The device key, shown once.</param>
/// <param name="IngestUrl">The address with a key in it, shown once.</param>
internal sealed record KeyAnswer(string Key, string IngestUrl);

/// <summary>A device's name.</summary>
/// <param name="Name">1 to 100 characters.</param>
internal sealed record DeviceName(string Name);
