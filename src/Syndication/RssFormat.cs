using System.Buffers;
using System.Text.Json;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>RSS 2.0 with Atom links (RSS has no word for self, hub and next), GeoRSS and the native update.</summary>
internal static class RssFormat
{
    public static void Write(IBufferWriter<byte> output, FeedDescription feed, IReadOnlyList<FeedUpdate> newestFirst)
    {
        output.Write("""
            <?xml version="1.0" encoding="utf-8"?>
            <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"
                xmlns:hub="urn:activityhub:ns:1">
            <channel><title>
            """u8);
        output.WriteText(feed.Title);
        output.Write("</title><link>"u8);
        output.WriteText(feed.HomeUrl ?? feed.SelfUrl);
        output.Write("</link><description>Updates of a phone, as they happen.</description><lastBuildDate>"u8);
        output.WriteRfc822(feed.Updated);
        output.Write("</lastBuildDate><generator>Activity Hub</generator>"u8);
        WriteLink(output, "self"u8, feed.SelfUrl);
        WriteLink(output, "hub"u8, feed.HubUrl);
        WriteLink(output, "next"u8, feed.NextUrl);
        using var json = new Utf8JsonWriter(output, JsonText.Options);
        for (var i = 0; i < newestFirst.Count; i++)
        {
            WriteItem(output, json, feed, newestFirst[i]);
        }

        output.Write("\n</channel></rss>\n"u8);
    }

    private static void WriteItem(IBufferWriter<byte> output, Utf8JsonWriter json, FeedDescription feed, FeedUpdate update)
    {
        if (update.Withdraws is not null)
        {
            // RSS has no element for a withdrawal; the native form contains it.
            output.Write("\n"u8);
            NativeUpdate.WriteElement(output, json, update, feed.Positions);
            return;
        }

        var (title, content) = UpdateTitle.TitleAndContent(update);
        output.Write("\n<item><title>"u8);
        output.WriteText(title);
        output.Write("</title><description>"u8);
        output.WriteHtml(content);
        output.Write("</description><guid isPermaLink=\"false\">"u8);
        output.WriteUrn(update.EntryId);
        output.Write("</guid><pubDate>"u8);
        output.WriteRfc822(update.At);
        output.Write("</pubDate><category>"u8);
        output.WriteText(update.Kind);
        output.Write("</category>"u8);
        output.WritePoint(update);
        NativeUpdate.WriteElement(output, json, update, feed.Positions);
        output.Write("</item>"u8);
    }

    private static void WriteLink(IBufferWriter<byte> output, ReadOnlySpan<byte> relation, string? url)
    {
        if (url is null)
        {
            return;
        }

        output.Write("<atom:link rel=\""u8);
        output.Write(relation);
        output.Write("\" href=\""u8);
        output.WriteText(url);
        output.Write("\"/>"u8);
    }
}
