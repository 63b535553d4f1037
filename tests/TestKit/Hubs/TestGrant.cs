namespace ActivityHub.TestKit;

/// <summary>A view that was given to somebody.</summary>
/// <param name="Id">Names the grant to its owner.</param>
/// <param name="Key">The reader key, shown once; null for a public grant.</param>
/// <param name="Urls">The feed's URLs in this view.</param>
public sealed record TestGrant(string Id, string? Key, TestFeedUrls Urls);
