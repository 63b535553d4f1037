
namespace ActivityHub.Hub.Api.Feeds;

/// <summary>A feed as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What readers see above it.</param>
/// <param name="RetentionDays">How long an update is kept after its receipt; 0 = for ever.</param>
/// <param name="Urls">Where it is read, followed and written; without a key.</param>
internal sealed record FeedResponse(string Id, string Title, int RetentionDays, FeedUrls Urls);
