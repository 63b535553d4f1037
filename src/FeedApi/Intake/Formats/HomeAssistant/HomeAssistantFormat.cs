using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.HomeAssistant;

/// <summary>
/// The webhook of Home Assistant's mobile apps, for scripts, forks, and a Home Assistant that forwards its data: a type and its data. The
/// messages contain no time: an equal message within ten seconds is a repeat.
/// </summary>
internal sealed class HomeAssistantFormat : IPhoneFormat
{
    public const string FormatName = "homeassistant";

    // Queries, and messages that do not concern a feed: acknowledged without storing anything.
    private static readonly HashSet<string> Idle = new(StringComparer.Ordinal)
    {
        "get_config", "get_zones", "update_registration", "enable_encryption", "render_template", "call_service", "conversation_process",
        "stream_camera", "handle_action",
    };

    private static readonly HashSet<string> Known = new(Idle, StringComparer.Ordinal)
    {
        "update_location", "register_sensor", "update_sensor_states", "fire_event", "scan_tag", "encrypted",
    };

    public string Name => FormatName;

    public bool CarriesMessages => false;

    public static string? TypeOf(PhoneRequest request) => Texts.Of(request.Json.Member("type"));

    public bool Recognises(PhoneRequest request) => TypeOf(request) is { } type && Known.Contains(type) &&
        (Idle.Contains(type) || request.Json.Member("data") is not null || request.Json.Member("encrypted_data") is not null);

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        var data = request.Json.Member("data");
        switch (TypeOf(request))
        {
            case "update_location":
                WebhookLocation.Read(data, request, reading);
                break;
            case "register_sensor":
                WebhookSensors.ReadOne(data, request, request.Body, reading);
                break;
            case "update_sensor_states":
                WebhookSensors.ReadStates(data, request, reading);
                break;
            case "fire_event":
                WebhookEvent.Read("event", data.Member("event_type"), data.Member("event_data"), request, reading);
                break;
            case "scan_tag":
                WebhookEvent.Read("tag", data.Member("tag_id"), null, request, reading);
                break;
            case "encrypted":
                reading.Reject(
                    request.Body,
                    "It is encrypted with a secret that this hub never gave; register the app without encryption (supports_encryption: "
                    + "false).");
                break;
            case { } idle when Idle.Contains(idle):
                break;
            default:
                reading.Reject(
                    request.Body,
                    $"Its type is missing or not known; known "
                    + $"are {string.Join(", ", Known.Order(StringComparer.Ordinal))}. {request.JsonFault}");
                break;
        }

        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => WebhookResponse.Of(TypeOf(request), request, taken);

    public PhoneResponse TooLarge(string reason) => WebhookResponse.TooLarge(reason);
}
