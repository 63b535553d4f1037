using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.HomeAssistant;

/// <summary>
/// Writes the response that each type expects. A sensor without a state gets Home Assistant's own error. A sensor that the owner has
/// excluded is reported as disabled, and the app stops sending it.
/// </summary>
internal static class WebhookResponse
{
    public static PhoneResponse Of(string? type, PhoneRequest request, Taken taken) => type switch
    {
        "register_sensor" when taken.Reading.Rejected.Count == 0 =>
            PhoneResponse.Json("""{"success":true}"""u8.ToArray(), StatusCodes.Status201Created),
        "update_sensor_states" => PhoneResponse.Json(States(request)),
        "get_zones" => PhoneResponse.Json("[]"u8.ToArray()),
        // Also for unreadable messages, as Home Assistant itself answers.
        _ => PhoneResponse.Json("{}"u8.ToArray()),
    };

    public static PhoneResponse TooLarge(string reason)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteBoolean("success", false);
        json.WriteStartObject("error");
        json.WriteString("code", "too_large");
        json.WriteString("message", reason);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return PhoneResponse.Json(buffer.WrittenMemory, StatusCodes.Status413PayloadTooLarge);
    }

    private static ReadOnlyMemory<byte> States(PhoneRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (request.Json.Member("data") is { ValueKind: JsonValueKind.Array } sensors)
        {
            // A sensor without an id cannot be a member of the map.
            foreach (var sensor in sensors.EnumerateArray().Where(sensor => WebhookSensors.IdOf(sensor) is not null)
                .DistinctBy(sensor => WebhookSensors.IdOf(sensor)))
            {
                var id = WebhookSensors.IdOf(sensor)!;
                json.WriteStartObject(id);
                var fault = WebhookSensors.FaultOf(sensor);
                json.WriteBoolean("success", fault is null);
                if (fault is not null)
                {
                    json.WriteStartObject("error");
                    json.WriteString("code", "invalid_format");
                    json.WriteString("message", fault);
                    json.WriteEndObject();
                }
                if (!request.Rules.Takes(WebhookSensors.IsBattery(sensor, id) ? Kind.Battery : Kind.Sensor))
                {
                    json.WriteBoolean("is_disabled", true);
                }

                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
