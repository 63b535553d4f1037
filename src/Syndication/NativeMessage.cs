using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.Syndication;

/// <summary>
/// A message as a phone reads it: one JSON object on one line with <c>id from at expires</c> and its contents. It has the same <c>id</c> on
/// every channel and at every repetition.
/// </summary>
public static class NativeMessage
{
    /// <summary>What may stand in one push (RFC 8291 §4: a record of 4,096 bytes, less header, padding and tag).</summary>
    public const int MaxPushLength = 3993;

    public static void Write(Utf8JsonWriter json, Message message)
    {
        Begin(json, message);
        if (message.Text is not null)
        {
            json.WriteText("text"u8, message.Text);
        }

        if (message.Url is not null)
        {
            json.WriteText("url"u8, message.Url);
        }

        if (message.Command is not null)
        {
            json.WriteText("command"u8, message.Command);
        }

        if (message.Arguments is not null)
        {
            json.WriteJson("arguments"u8, message.Arguments);
        }

        json.WriteEndObject();
    }

    /// <summary>UTF-8, without a line break.</summary>
    public static byte[] Render(Message message)
    {
        using var buffer = new PooledBuffer();
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        Write(json, message);
        json.Flush();
        return buffer.ToArray();
    }

    /// <summary>
    /// The same where it fits into a push; otherwise <c>"partial": true</c> replaces the contents, which are in the inbox.
    /// </summary>
    public static byte[] RenderForPush(Message message)
    {
        var whole = Render(message);
        if (whole.Length <= MaxPushLength)
        {
            return whole;
        }

        using var buffer = new PooledBuffer();
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        Begin(json, message);
        json.WriteBoolean("partial"u8, true);
        json.WriteEndObject();
        json.Flush();
        return buffer.ToArray();
    }

    private static void Begin(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        json.WriteText("id"u8, OpaqueId.Format(message.Id));
        json.WriteText("from"u8, message.Sender);
        json.WriteTime("at"u8, message.CreatedAt.ToUniversalTime());
        json.WriteTime("expires"u8, message.ExpiresAt.ToUniversalTime());
    }
}
