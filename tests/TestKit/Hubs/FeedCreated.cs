namespace ActivityHub.TestKit;

/// <summary>A new device's feed.</summary>
internal sealed record FeedCreated(string Id, TestFeedUrls Urls);
