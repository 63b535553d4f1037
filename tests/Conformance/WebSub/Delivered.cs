using System.Text.Json;
using System.Xml.Linq;
using ActivityHub.TestKit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>The updates in a delivery, in the order of the document.</summary>
internal static class Delivered
{
    /// <summary>Returns the phone's ids, newest first, from Atom, RSS, JSON Feed or GeoJSON.</summary>
    public static IReadOnlyList<string?> PhoneIds(this ReceivedRequest delivery) => PhoneIds(delivery.Text);

    public static IReadOnlyList<string?> PhoneIds(string document) =>
        document.TrimStart('\uFEFF').StartsWith('<') ? [.. OfXml(document).Select(Id)] : [.. OfJson(document).Select(Id)];

    /// <summary>Returns the native updates of a document.</summary>
    public static IReadOnlyList<JsonElement> Natives(string document) =>
        document.TrimStart('\uFEFF').StartsWith('<') ? [.. OfXml(document)] : [.. OfJson(document)];

    private static IEnumerable<JsonElement> OfXml(string document) => XDocument.Parse(document).Descendants()
        .Where(element => element.Name.LocalName == "update")
        .Select(element => JsonElement.Parse(element.Value));

    private static IEnumerable<JsonElement> OfJson(string document)
    {
        var root = JsonElement.Parse(document);
        return root.TryGetProperty("items", out var items)
            ? items.EnumerateArray().Select(item => item.GetProperty("_update"))
            : root.GetProperty("features").EnumerateArray().Select(feature => feature.GetProperty("properties"));
    }

    private static string? Id(JsonElement native) => native.TryGetProperty("id", out var id) ? id.GetString() : null;
}
