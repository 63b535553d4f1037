using System.Buffers;
using System.Text.Json;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// JSON Feed 1.1 with <c>hubs</c> and the extension <c>_update</c>, which holds the native update; <c>_withdrawn</c> holds what takes
/// others back.
/// </summary>
internal static class JsonFeedFormat
{
    public static void Write(IBufferWriter<byte> output, FeedDescription feed, IReadOnlyList<FeedUpdate> newestFirst)
    {
        using var json = new Utf8JsonWriter(output, JsonText.Options);
        json.WriteStartObject();
        json.WriteString("version"u8, "https://jsonfeed.org/version/1.1"u8);
        json.WriteText("title"u8, feed.Title);
        if (feed.HomeUrl is { } home)
        {
            json.WriteText("home_page_url"u8, home);
        }

        json.WriteText("feed_url"u8, feed.SelfUrl);
        if (feed.NextUrl is { } next)
        {
            json.WriteText("next_url"u8, next);
        }

        json.WriteStartArray("hubs"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "WebSub"u8);
        json.WriteText("url"u8, feed.HubUrl);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("items"u8);
        for (var i = 0; i < newestFirst.Count; i++)
        {
            if (newestFirst[i].Withdraws is null)
            {
                WriteItem(json, feed, newestFirst[i]);
            }
        }

        json.WriteEndArray();
        json.WriteWithdrawals("_withdrawn"u8, feed, newestFirst);
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, FeedDescription feed, FeedUpdate update)
    {
        var (title, content) = UpdateTitle.TitleAndContent(update);
        json.WriteStartObject();
        json.WriteUrn("id"u8, update.EntryId);
        json.WriteText("title"u8, title);
        json.WriteText("content_text"u8, content);
        json.WriteTime("date_published"u8, update.Observed);
        json.WriteTime("date_modified"u8, update.Received.ToUniversalTime());
        json.WriteStartArray("tags"u8);
        json.WriteTextValue(update.Kind);
        json.WriteEndArray();
        json.WritePropertyName("_update"u8);
        NativeUpdate.Write(json, update, feed.Positions);
        json.WriteEndObject();
    }
}
