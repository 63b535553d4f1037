namespace ActivityHub.TestKit;

/// <summary>Where a feed is read; each carries the reader key if there is one.</summary>
public sealed record TestFeedUrls(string Atom, string Rss, string Json, string Js, string Geojson, string Stream, string Updates);
