using System.Text.Json;

namespace ActivityHub.Phones.Listening;

/// <summary>Reads JSON Feed 1.1 and GeoJSON. The native update is in <c>_update</c> of the item, or of the feature's properties.</summary>
internal static class JsonFeedDocument
{
    public static FeedDocument Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("not an object");
        }

        if (root.TryGetProperty("features", out var features) && features.ValueKind == JsonValueKind.Array)
        {
            return new FeedDocument([.. features.EnumerateArray().Select(Feature)], []);
        }

        if (root.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array)
        {
            return new FeedDocument([.. items.EnumerateArray().Select(Item)], [.. Links(root)]);
        }

        throw new JsonException("neither a JSON Feed nor GeoJSON: it has no items and no features");
    }

    private static ReceivedUpdate Item(JsonElement item)
    {
        var native = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("_update", out var own) ? own : default;
        var update = ReceivedUpdate.FromNative(native);
        if (item.ValueKind != JsonValueKind.Object)
        {
            return update;
        }

        var kind =
            item.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
                ? tags.EnumerateArray().Select(tag => tag.ToString()).FirstOrDefault()
                : null;
        return update.Or(
            kind,
            ReceivedUpdate.Text(item, "title"),
            ReceivedUpdate.Time(item, "date_modified") ?? ReceivedUpdate.Time(item, "date_published")
        );
    }

    private static ReceivedUpdate Feature(JsonElement feature)
    {
        if (
            feature.ValueKind != JsonValueKind.Object
            || !feature.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object
        )
        {
            return ReceivedUpdate.FromNative(default);
        }

        var update = ReceivedUpdate.FromNative(properties.TryGetProperty("_update", out var native) ? native : properties);
        return update.Or(
            ReceivedUpdate.Text(properties, "kind"),
            ReceivedUpdate.Text(properties, "title"),
            ReceivedUpdate.Time(properties, "received")
        );
    }

    private static IEnumerable<(string, string)> Links(JsonElement root)
    {
        if (root.TryGetProperty("hubs", out var hubs) && hubs.ValueKind == JsonValueKind.Array)
        {
            foreach (var hub in hubs.EnumerateArray().Where(hub => hub.ValueKind == JsonValueKind.Object))
            {
                if (
                    ReceivedUpdate.Text(hub, "url") is { } url
                    && "WebSub".Equals(ReceivedUpdate.Text(hub, "type"), StringComparison.OrdinalIgnoreCase)
                )
                {
                    yield return ("hub", url);
                }
            }
        }

        if (ReceivedUpdate.Text(root, "feed_url") is { } self)
        {
            yield return ("self", self);
        }
    }
}
