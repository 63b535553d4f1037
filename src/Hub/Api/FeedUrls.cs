using ActivityHub.Ledger;

namespace ActivityHub.Hub.Api;

/// <summary>Where a feed is read, followed and written, with the reader key if there is one.</summary>
internal sealed record FeedUrls(string Atom, string Rss, string Json, string Js, string Geojson, string Stream, string Updates)
{
    public static FeedUrls Of(HubOptions hub, long feedId, string? key = null)
    {
        var feed = $"{hub.Base}/feeds/{OpaqueId.Format(feedId)}";
        var query = key is null ? "" : "?key=" + Uri.EscapeDataString(key);
        return new FeedUrls(
            $"{feed}.atom{query}", $"{feed}.rss{query}", $"{feed}.json{query}", $"{feed}.js{query}", $"{feed}.geojson{query}",
            $"{feed}/stream{query}", $"{feed}/updates{query}");
    }
}
