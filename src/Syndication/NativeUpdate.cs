using System.Buffers;
using System.Text.Json;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// The native form of an update: one JSON object on one line, <c>seq id kind at received title location data</c> in this order, what
/// is absent left out. <c>title</c> is the phone's own. A withdrawal says <c>withdrawn</c> with the entry that it takes back. No
/// <c>&lt;</c>, <c>&gt;</c>, <c>&amp;</c> or control character appears raw, so the same bytes may stand in XML, in a script and in an event
/// stream.
/// </summary>
public static class NativeUpdate
{
    public static void Write(Utf8JsonWriter json, FeedUpdate update, Positions positions)
    {
        json.WriteStartObject();
        json.WritePosition(update.Seq, positions);
        json.WriteNativeId(update);
        json.WriteText("kind"u8, update.Kind);
        if (update.Withdraws is { } withdrawn)
        {
            json.WriteUrn("withdrawn"u8, withdrawn);
        }

        json.WriteTime("at"u8, update.Observed);
        json.WriteTime("received"u8, update.Received.ToUniversalTime());
        if (update.Title is { } title)
        {
            json.WriteText("title"u8, title);
        }

        WriteLocation(json, update);
        if (update.Data is { } data)
        {
            json.WriteJson("data"u8, data);
        }

        json.WriteEndObject();
    }

    /// <summary>The withdrawals among the updates as an array of native forms; nothing where there is none.</summary>
    internal static void WriteWithdrawals(
        this Utf8JsonWriter json, ReadOnlySpan<byte> name, FeedDescription feed, IReadOnlyList<FeedUpdate> updates)
    {
        var any = false;
        for (var i = 0; i < updates.Count; i++)
        {
            if (updates[i].Withdraws is null)
            {
                continue;
            }

            if (!any)
            {
                json.WriteStartArray(name);
                any = true;
            }

            Write(json, updates[i], feed.Positions);
        }

        if (any)
        {
            json.WriteEndArray();
        }
    }

    /// <summary>UTF-8, without a line break.</summary>
    public static byte[] Render(FeedUpdate update, Positions positions)
    {
        using var buffer = new PooledBuffer();
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        Write(json, update, positions);
        json.Flush();
        return buffer.ToArray();
    }

    /// <summary>
    /// <c>&lt;hub:update&gt;</c> with the native form as its text, which needs no escaping there. The writer writes to the output.
    /// </summary>
    internal static void WriteElement(IBufferWriter<byte> output, Utf8JsonWriter json, FeedUpdate update, Positions positions)
    {
        output.Write("<hub:update>"u8);
        Write(json, update, positions);
        json.Flush();
        json.Reset();
        output.Write("</hub:update>"u8);
    }

    /// <summary>A number where the view hides nothing and the log was never restored; a text otherwise.</summary>
    internal static void WritePosition(this Utf8JsonWriter json, long seq, Positions positions)
    {
        if (positions.AreNumbers)
        {
            json.WriteNumber("seq"u8, seq);
        }
        else
        {
            json.WriteText("seq"u8, positions.Write(seq));
        }
    }

    internal static void WriteNativeId(this Utf8JsonWriter json, FeedUpdate update)
    {
        if (update.ClientId is { } chosen)
        {
            json.WriteText("id"u8, chosen);
        }
        else
        {
            json.WriteString("id"u8, update.EntryId);
        }
    }

    private static void WriteLocation(Utf8JsonWriter json, FeedUpdate update)
    {
        if (update.Lat is not { } lat || update.Lon is not { } lon)
        {
            return;
        }

        json.WriteStartObject("location"u8);
        json.WriteNumber("lat"u8, lat);
        json.WriteNumber("lon"u8, lon);
        json.WriteNumberIfAny("accuracy"u8, update.Accuracy);
        json.WriteNumberIfAny("altitude"u8, update.Altitude);
        json.WriteNumberIfAny("speed"u8, update.Speed);
        json.WriteNumberIfAny("heading"u8, update.Heading);
        json.WriteEndObject();
    }
}
