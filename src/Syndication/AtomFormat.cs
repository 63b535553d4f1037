using System.Buffers;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// Atom (RFC 4287) with GeoRSS and the native update. Prefixes are declared once, on the root: crude readers look for them by name.
/// </summary>
internal static class AtomFormat
{
    public static void Write(IBufferWriter<byte> output, FeedDescription feed, IReadOnlyList<FeedUpdate> newestFirst)
    {
        output.Write("""
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" xmlns:hub="urn:activityhub:ns:1"
                xmlns:at="http://purl.org/atompub/tombstones/1.0">
            """u8);

        // RFC 4287 §4.2.6: for ever the same, so neither host nor key are in it.
        output.Write("<id>urn:activityhub:feed:"u8);
        output.WriteText(OpaqueId.Format(feed.FeedId));
        output.Write("</id><title>"u8);
        output.WriteText(feed.Title);
        output.Write("</title><updated>"u8);
        output.WriteTime(feed.Updated.ToUniversalTime());
        output.Write("</updated><author><name>"u8);
        output.WriteText(feed.Title);
        output.Write("</name></author><generator>Activity Hub</generator>"u8);
        WriteLink(output, "self"u8, feed.SelfUrl);
        WriteLink(output, "hub"u8, feed.HubUrl);
        WriteLink(output, "next"u8, feed.NextUrl);
        WriteLink(output, "alternate"u8, feed.HomeUrl);
        using var json = new Utf8JsonWriter(output, JsonText.Options);
        for (var i = 0; i < newestFirst.Count; i++)
        {
            WriteEntry(output, json, feed, newestFirst[i]);
        }

        output.Write("\n</feed>\n"u8);
    }

    private static void WriteEntry(IBufferWriter<byte> output, Utf8JsonWriter json, FeedDescription feed, FeedUpdate update)
    {
        if (update.Withdraws is { } withdrawn)
        {
            // RFC 6721.
            output.Write("\n<at:deleted-entry ref=\""u8);
            output.WriteUrn(withdrawn);
            output.Write("\" when=\""u8);
            output.WriteTime(update.Received.ToUniversalTime());
            output.Write("\">"u8);
            NativeUpdate.WriteElement(output, json, update, feed.Positions);
            output.Write("</at:deleted-entry>"u8);
            return;
        }

        var (title, content) = UpdateTitle.TitleAndContent(update);
        output.Write("\n<entry><id>"u8);
        output.WriteUrn(update.EntryId);
        output.Write("</id><title>"u8);
        output.WriteText(title);
        output.Write("</title><published>"u8);
        output.WriteTime(update.Observed);
        output.Write("</published><updated>"u8);
        output.WriteTime(update.Received.ToUniversalTime());
        output.Write("</updated><category term=\""u8);
        output.WriteText(update.Kind);
        output.Write("\"/><content type=\"text\">"u8);
        output.WriteText(content);
        output.Write("</content>"u8);
        output.WritePoint(update);
        NativeUpdate.WriteElement(output, json, update, feed.Positions);
        output.Write("</entry>"u8);
    }

    private static void WriteLink(IBufferWriter<byte> output, ReadOnlySpan<byte> relation, string? url)
    {
        if (url is null)
        {
            return;
        }

        output.Write("<link rel=\""u8);
        output.Write(relation);
        output.Write("\" href=\""u8);
        output.WriteText(url);
        output.Write("\"/>"u8);
    }
}
