namespace ActivityHub.TestKit;

/// <summary>A grant: a view of a feed that its owner opened to a reader or to the public.</summary>
/// <param name="Id">The grant's id, for its owner.</param>
/// <param name="Key">The reader key, shown once; null for a public grant.</param>
/// <param name="Urls">The feed's URLs in this view.</param>
public sealed record TestGrant(string Id, string? Key, TestFeedUrls Urls);
