using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace ActivityHub.Phones.Tests.Stubs;

/// <summary>Documents as the contract describes them, made from native updates.</summary>
internal static class Documents
{
    public static string Atom(IEnumerable<JsonObject> updates)
    {
        XNamespace atom = "http://www.w3.org/2005/Atom",
            hub = "https://example.org/ns";
        return new XElement(
            atom + "feed",
            new XElement(atom + "link", new XAttribute("rel", "hub"), new XAttribute("href", "https://hub.example/hub")),
            new XElement(atom + "link", new XAttribute("rel", "self"), new XAttribute("href", "https://hub.example/feeds/f.atom")),
            updates.Select(update => new XElement(
                atom + "entry",
                new XElement(atom + "title", "made for people"),
                new XElement(atom + "category", new XAttribute("term", update["kind"]?.ToString() ?? "")),
                new XElement(atom + "updated", "2026-11-23T08:00:01Z"),
                new XElement(hub + "update", update.ToJsonString())
            ))
        ).ToString();
    }

    public static string JsonFeed(IEnumerable<JsonObject> updates) =>
        new JsonObject
        {
            ["version"] = "https://jsonfeed.org/version/1.1",
            ["feed_url"] = "https://hub.example/feeds/f.json",
            ["hubs"] = new JsonArray(new JsonObject { ["type"] = "WebSub", ["url"] = "https://hub.example/hub" }),
            ["items"] = new JsonArray([
                .. updates.Select(update => new JsonObject { ["title"] = "made for people", ["_update"] = update.DeepClone() }),
            ]),
        }.ToJsonString();

    public static JsonObject Update(int seq, string id) =>
        new()
        {
            ["seq"] = seq,
            ["id"] = id,
            ["kind"] = "battery",
            ["received"] = "2026-11-23T08:00:00Z",
        };
}
