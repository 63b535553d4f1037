using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// Chooses a feed's format by <c>Accept</c> (RFC 9110 §12.5.1); Atom where nothing fits or nothing is said, and for browsers.
/// </summary>
internal static class FormatNegotiation
{
    // In the order of preference where a caller likes several equally. Plain XML is Atom: that is what a browser gets.
    private static readonly (FeedFormat Format, MediaTypeHeaderValue[] Types)[] Offers =
    [
        (FeedFormat.Atom, Types("application/atom+xml", "application/xml", "text/xml")),
        (FeedFormat.Json, Types("application/feed+json", "application/json")),
        (FeedFormat.Rss, Types("application/rss+xml")),
        (FeedFormat.GeoJson, Types("application/geo+json", "application/vnd.geo+json")),
        (FeedFormat.Js, Types("application/javascript", "text/javascript")),
    ];

    public static FeedFormat Choose(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            return FeedFormat.Atom;
        }

        // A named type takes precedence over a wildcard: "application/json, */*" asks for JSON.
        var (chosen, best) = (FeedFormat.Atom, (Quality: 0.0, Specificity: 0));
        foreach (var (format, types) in Offers)
        {
            foreach (var type in types)
            {
                var quality = QualityOf(type, ranges);
                if (quality.Quality > 0 && quality.CompareTo(best) > 0)
                {
                    (chosen, best) = (format, quality);
                }
            }
        }

        return chosen;
    }

    // The most specific range that fits says how much the type is liked, also where it says: not at all.
    private static (double Quality, int Specificity) QualityOf(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> ranges)
    {
        var (quality, specificity) = (0.0, 0);
        foreach (var range in ranges)
        {
            var fits = range.MatchesAllTypes ? 1
                : !range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase) ? 0
                : range.MatchesAllSubTypes ? 2
                : range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase) ? 3
                : 0;
            if (fits > specificity)
            {
                (quality, specificity) = (range.Quality ?? 1, fits);
            }
        }

        return (quality, specificity);
    }

    private static MediaTypeHeaderValue[] Types(params string[] names) => [.. names.Select(name => new MediaTypeHeaderValue(name))];
}
