using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.FeedApi.Intake.Formats.Overland;

/// <summary>
/// Writes <c>{"result":"ok"}</c>, after which the app deletes the data that it has sent. Optional members: <c>set</c> for new settings, and
/// <c>geocode</c>, whose name the app shows as the current place; a text to the phone is shown there. An <c>error</c> would be shown as a
/// notification, but makes the app send everything again.
/// </summary>
internal static class OverlandResponse
{
    private const string Settings = "set";
    private const string SendInterval = "send_interval";

    /// <summary>
    /// Returns the settings that the app may receive, and the first waiting text. A response has room for one text; the next text goes with
    /// the next response.
    /// </summary>
    public static IReadOnlyList<Message> Carried(IReadOnlyList<Message> waiting)
    {
        var said = waiting.FirstOrDefault(message => message.Command is null);
        return [.. waiting.Where(message => message == said || IsSettings(message))];
    }

    public static PhoneResponse Of(IReadOnlyList<Message> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("result", "ok");
        WriteSettings(json, messages);
        if (messages.FirstOrDefault(message => message.Command is null) is { } said)
        {
            json.WriteStartObject("geocode");
            json.WriteString("full_name", MessageLine.Of(said));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return PhoneResponse.Json(buffer.WrittenMemory);
    }

    public static PhoneResponse Error(string reason, int status)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("error", reason);
        json.WriteEndObject();
        json.Flush();
        return PhoneResponse.Json(buffer.WrittenMemory, status);
    }

    // Only the owner's commands: settings control how often a phone sends its place.
    private static void WriteSettings(Utf8JsonWriter json, IReadOnlyList<Message> messages)
    {
        var wanted = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var message in messages.Where(IsSettings))
        {
            using var arguments = JsonDocument.Parse(message.Arguments!);
            foreach (var argument in arguments.RootElement.EnumerateObject().Where(argument => !IsDeadEnd(argument)))
            {
                wanted[argument.Name] = argument.Value.Clone();
            }
        }

        if (wanted.Count > 0)
        {
            json.WriteStartObject(Settings);
            foreach (var (name, value) in wanted)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }
    }

    private static bool IsSettings(Message message) => message is { Command: Settings, GrantId: 0, Arguments: not null };

    // An app that is set to never send makes no more requests, so its settings could not be changed back.
    private static bool IsDeadEnd(JsonProperty argument) => argument.Name == SendInterval && Numbers.Of(argument.Value) is not > 0;
}
