using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.HomeAssistant;

/// <summary>Reads an event that the app fires, or a tag that it has scanned.</summary>
internal static class WebhookEvent
{
    public static void Read(string kind, JsonElement? name, JsonElement? data, PhoneRequest request, PhoneReading reading)
    {
        if (Texts.Of(name) is { } text)
        {
            reading.AddOnce(ArrivalWindow.Of(kind, null, new DataText().Add("name", text).Add("data", data).Text(), request.Now));
        }
        else
        {
            reading.Reject(request.Body, $"The {kind} has no name; send event_type for an event, tag_id for a tag.");
        }
    }
}
