namespace ActivityHub.TestKit;

/// <summary>The answer to <c>POST /api/devices</c>; the only time that the key is shown.</summary>
internal sealed record DeviceCreated(string Id, string Name, string Key, string? IngestUrl, FeedCreated Feed);
