using System.Buffers;
using System.Text.Json;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// GeoJSON (RFC 7946): a FeatureCollection with one Feature an update. <c>title</c>, <c>updated</c> and <c>links</c> of the collection
/// are foreign members (§6.1). A Feature's title is the one for people, since maps show it.
/// </summary>
internal static class GeoJsonFormat
{
    public static void Write(IBufferWriter<byte> output, FeedDescription feed, IReadOnlyList<FeedUpdate> newestFirst)
    {
        using var json = new Utf8JsonWriter(output, JsonText.Options);
        json.WriteStartObject();
        json.WriteString("type"u8, "FeatureCollection"u8);
        json.WriteText("title"u8, feed.Title);
        json.WriteTime("updated"u8, feed.Updated.ToUniversalTime());
        json.WriteStartArray("links"u8);
        WriteLink(json, "self", feed.SelfUrl);
        WriteLink(json, "hub", feed.HubUrl);
        WriteLink(json, "next", feed.NextUrl);
        WriteLink(json, "alternate", feed.HomeUrl);
        json.WriteEndArray();
        json.WriteStartArray("features"u8);
        for (var i = 0; i < newestFirst.Count; i++)
        {
            if (newestFirst[i].Withdraws is null)
            {
                WriteFeature(json, feed, newestFirst[i]);
            }
        }

        json.WriteEndArray();
        json.WriteWithdrawals("withdrawn"u8, feed, newestFirst);
        json.WriteEndObject();
    }

    private static void WriteFeature(Utf8JsonWriter json, FeedDescription feed, FeedUpdate update)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "Feature"u8);
        json.WriteUrn("id"u8, update.EntryId);
        WriteGeometry(json, update);
        json.WriteStartObject("properties"u8);
        json.WritePosition(update.Seq, feed.Positions);
        json.WriteNativeId(update);
        json.WriteText("kind"u8, update.Kind);
        json.WriteTime("at"u8, update.Observed);
        json.WriteTime("received"u8, update.Received.ToUniversalTime());
        json.WriteText("title"u8, UpdateTitle.Of(update));
        json.WriteNumberIfAny("accuracy"u8, update.Accuracy);
        json.WriteNumberIfAny("speed"u8, update.Speed);
        json.WriteNumberIfAny("heading"u8, update.Heading);
        if (update.Data is { } data)
        {
            json.WriteJson("data"u8, data);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteGeometry(Utf8JsonWriter json, FeedUpdate update)
    {
        // §3.2: a Feature has to have the member, and null where it is "unlocated".
        if (update.Lat is not { } lat || update.Lon is not { } lon)
        {
            json.WriteNull("geometry"u8);
            return;
        }

        json.WriteStartObject("geometry"u8);
        json.WriteString("type"u8, "Point"u8);
        json.WriteStartArray("coordinates"u8);
        json.WriteNumberValue(lon);
        json.WriteNumberValue(lat);
        if (update.Altitude is { } altitude && double.IsFinite(altitude))
        {
            json.WriteNumberValue(altitude);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLink(Utf8JsonWriter json, string relation, string? url)
    {
        if (url is null)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("rel"u8, relation);
        json.WriteText("href"u8, url);
        json.WriteEndObject();
    }
}
