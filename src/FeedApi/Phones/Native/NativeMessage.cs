using System.Text.Json;
using ActivityHub.FeedApi.Ingest;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.FeedApi.Phones.Native;

/// <summary>A message as a phone reads it.</summary>
internal static class NativeMessage
{
    public static void Write(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        json.WriteString("id", OpaqueId.Format(message.Id));
        json.WriteString("from", message.Sender);
        json.WriteString("at", Rfc3339.Write(message.CreatedAt));
        json.WriteString("expires", Rfc3339.Write(message.ExpiresAt));
        if (message.Text is not null)
        {
            json.WriteString("text", message.Text);
        }

        if (message.Url is not null)
        {
            json.WriteString("url", message.Url);
        }

        if (message.Command is not null)
        {
            json.WriteString("command", message.Command);
        }

        if (message.Arguments is not null)
        {
            json.WritePropertyName("arguments");
            json.WriteRawValue(message.Arguments);
        }

        json.WriteEndObject();
    }
}
