namespace ActivityHub.Ledger.Updates;

/// <summary>The formats in which a feed can be read and subscribed.</summary>
public enum FeedFormat
{
    Atom = 0,
    Rss = 1,
    Json = 2,
    Js = 3,
    GeoJson = 4,
}

public static class FeedFormats
{
    /// <summary>Returns the extension in a feed's address: <c>atom rss json js geojson</c>. <c>xml</c> is parsed as RSS.</summary>
    public static string Extension(this FeedFormat format) => format switch
    {
        FeedFormat.Atom => "atom",
        FeedFormat.Rss => "rss",
        FeedFormat.Json => "json",
        FeedFormat.Js => "js",
        _ => "geojson",
    };

    public static string ContentType(this FeedFormat format) => format switch
    {
        FeedFormat.Atom => "application/atom+xml; charset=utf-8",
        FeedFormat.Rss => "application/rss+xml; charset=utf-8",
        FeedFormat.Json => "application/feed+json; charset=utf-8",
        FeedFormat.Js => "application/javascript; charset=utf-8",
        _ => "application/geo+json; charset=utf-8",
    };

    public static bool TryParse(string extension, out FeedFormat format)
    {
        (format, var known) = extension switch
        {
            "atom" => (FeedFormat.Atom, true),
            "rss" or "xml" => (FeedFormat.Rss, true),
            "json" => (FeedFormat.Json, true),
            "js" => (FeedFormat.Js, true),
            "geojson" => (FeedFormat.GeoJson, true),
            _ => (default, false),
        };
        return known;
    }
}
