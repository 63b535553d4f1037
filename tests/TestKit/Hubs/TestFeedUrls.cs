namespace ActivityHub.TestKit;

/// <summary>The URLs for reading a feed; each includes the reader key if there is one.</summary>
public sealed record TestFeedUrls(string Atom, string Rss, string Json, string Js, string Geojson, string Stream, string Updates);
