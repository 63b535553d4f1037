using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>
/// Writes an array of messages, empty where there are none: after any other response the app repeats its place for ever. A command is the
/// app's <c>cmd</c>. A text is a <c>cmd</c> too, which the iPhone shows as a notification. Android cannot show a text, and an action
/// unknown to it would invalidate the whole response.
/// </summary>
internal static class OwnTracksResponse
{
    private const string NewSettings = "setConfiguration";

    private static readonly FrozenSet<string> KnownToAndroid = FrozenSet.Create("reportLocation", "setWaypoints", NewSettings, "waypoints");
    private static readonly FrozenSet<string> Ours = FrozenSet.Create("_type", "action");

    /// <summary>Whether the app can receive this message.</summary>
    public static bool Carries(Message message, bool isAndroid) => message.Command is null ? !isAndroid : IsFor(message, isAndroid);

    public static PhoneResponse Of(IReadOnlyList<Message> messages, bool isAndroid, OwnTracksCipher? cipher)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartArray();
        foreach (var message in messages.Where(message => Carries(message, isAndroid)))
        {
            if (message.Command is null)
            {
                WriteText(json, message);
            }
            else
            {
                WriteCommand(json, message);
            }
        }

        json.WriteEndArray();
        json.Flush();
        return PhoneResponse.Json(cipher is null ? buffer.WrittenMemory : Sealed(cipher, buffer.WrittenSpan));
    }

    // New settings can make the phone send to another server. Only the owner may send them, not an app that may only reply.
    private static bool IsFor(Message message, bool isAndroid) =>
        (message.Command != NewSettings || message.GrantId == 0) && (!isAndroid || KnownToAndroid.Contains(message.Command!));

    private static void WriteCommand(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        json.WriteString("_type", "cmd");
        json.WriteString("action", message.Command);
        if (message.Arguments is not null)
        {
            using var arguments = JsonDocument.Parse(message.Arguments);
            foreach (var argument in arguments.RootElement.EnumerateObject().Where(argument => !Ours.Contains(argument.Name)))
            {
                argument.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    // Not sent as content or url: the app would show these as a page without asking its user, from every sender.
    private static void WriteText(Utf8JsonWriter json, Message message)
    {
        json.WriteStartObject();
        json.WriteString("_type", "cmd");
        json.WriteString("action", "action");
        json.WriteString("notification", MessageLine.Of(message));
        json.WriteEndObject();
    }

    private static byte[] Sealed(OwnTracksCipher cipher, ReadOnlySpan<byte> answer)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("_type", "encrypted");
        json.WriteString("data", cipher.Seal(answer));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
