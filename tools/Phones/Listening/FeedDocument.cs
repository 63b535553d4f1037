using System.Text.Json;
using System.Xml;

namespace ActivityHub.Phones.Listening;

/// <summary>A feed's document in any of the formats, with the parts that a subscriber needs.</summary>
/// <param name="Updates">The updates in the document's order, newest first.</param>
/// <param name="Links">Pairs of relation and target from the document itself: hub, self.</param>
internal sealed record FeedDocument(IReadOnlyList<ReceivedUpdate> Updates, IReadOnlyList<(string Relation, string Target)> Links)
{
    /// <param name="fault">Why the document cannot be read, if null is returned.</param>
    public static FeedDocument? Parse(string contentType, byte[] body, out string? fault)
    {
        fault = null;
        try
        {
            return contentType.Contains("json", StringComparison.OrdinalIgnoreCase)
                ? JsonFeedDocument.Read(body)
                : XmlFeedDocument.Read(body);
        }
        catch (Exception unreadable) when (unreadable is JsonException or XmlException)
        {
            fault = $"the body cannot be read as {(contentType.Length > 0 ? contentType : "a feed")}: {unreadable.Message}";
            return null;
        }
    }
}
