namespace ActivityHub.TestKit;

/// <summary>The answer to <c>POST /api/devices</c>; the key is shown only here.</summary>
internal sealed record DeviceCreated(string Id, string Name, string Key, string? IngestUrl, FeedCreated Feed);
