using System.Buffers;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Copies the JSON of an app into text that every database can store and every document can contain.</summary>
internal static class JsonCopy
{
    /// <summary>Returns the copy; null where a text contains half of a surrogate pair.</summary>
    public static byte[]? Of(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        try
        {
            Write(json, element);
            json.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    json.WritePropertyName(Clean(member.Name));
                    Write(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(Clean(element.GetString()!));
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }

    // U+0000 is valid in JSON, but PostgreSQL cannot store it in a text.
    private static string Clean(string text) => text.Replace('\0', '\uFFFD');
}
