using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace ActivityHub.Phones.Listening;

/// <summary>Reads Atom and RSS. The native update is JSON in an extension element named <c>update</c>, in any namespace.</summary>
internal static class XmlFeedDocument
{
    private const int LargestDocument = 8 << 20;

    public static FeedDocument Read(byte[] body)
    {
        // No DTD: an untrusted document must not make this program expand entities or fetch resources.
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = LargestDocument,
        };
        using var reader = XmlReader.Create(new MemoryStream(body), settings);
        var root = XDocument.Load(reader).Root;
        if (root is not { Name.LocalName: "feed" or "rss" or "RDF" })
        {
            throw new XmlException("neither Atom nor RSS");
        }

        var entries = root.Descendants().Where(element => element.Name.LocalName is "entry" or "item");
        var feed =
            root.Name.LocalName == "rss" ? root.Elements().FirstOrDefault(element => element.Name.LocalName == "channel") ?? root : root;
        return new FeedDocument([.. entries.Select(Entry)], [.. Links(feed)]);
    }

    private static ReceivedUpdate Entry(XElement entry)
    {
        var update = Native(Child(entry, "update", element => element.Value.AsSpan().TrimStart().StartsWith("{")));
        var category = Child(entry, "category");
        return update.Or(
            category?.Attribute("term")?.Value ?? category?.Value,
            Child(entry, "title")?.Value,
            Time(Child(entry, "updated")) ?? Time(Child(entry, "pubDate"))
        );
    }

    private static ReceivedUpdate Native(XElement? extension)
    {
        try
        {
            using var document = JsonDocument.Parse(extension?.Value ?? "{}");
            return ReceivedUpdate.FromNative(document.RootElement);
        }
        catch (JsonException)
        {
            // An "update" element of another vocabulary: only the entry's own fields are used.
            return ReceivedUpdate.FromNative(default);
        }
    }

    private static IEnumerable<(string, string)> Links(XElement feed) =>
        from link in feed.Elements().Where(element => element.Name.LocalName == "link")
        let relation = link.Attribute("rel")?.Value
        let target = link.Attribute("href")?.Value
        where relation is not null && target is not null
        select (relation.ToLowerInvariant(), target);

    private static XElement? Child(XElement entry, string name, Func<XElement, bool>? which = null) =>
        entry.Elements().FirstOrDefault(element => element.Name.LocalName == name && (which is null || which(element)));

    private static DateTimeOffset? Time(XElement? element) => DateTimeOffset.TryParse(element?.Value, out var time) ? time : null;
}
