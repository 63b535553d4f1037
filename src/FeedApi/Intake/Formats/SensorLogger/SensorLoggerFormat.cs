using System.Buffers;
using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.SensorLogger;

/// <summary>
/// Sensor Logger: a message each second or so, with all measurements since the last one. Slow sensors become updates; a sensor with a
/// hundred readings a second becomes one update of figures. The response is 200 and never 499, because the app shows the text of a 499 to
/// its user.
/// </summary>
internal sealed class SensorLoggerFormat : IPhoneFormat
{
    public const string FormatName = "sensorlogger";

    public string Name => FormatName;

    public bool CarriesMessages => false;

    public bool Recognises(PhoneRequest request) =>
        request.Json is { } json && json.Member("payload") is { ValueKind: JsonValueKind.Array } &&
        (json.Member("sessionId") is not null || json.Member("messageId") is not null);

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        if (request.Json.Member("payload") is not { ValueKind: JsonValueKind.Array } payload)
        {
            reading.Reject(
                request.Body,
                $"It has no payload; send an object with sessionId, messageId, deviceId and payload, as Sensor Logger "
                + $"does. {request.JsonFault}");
            return reading;
        }

        var message = new SensorMessage(request.Json!.Value, request.Now);
        foreach (var item in payload.EnumerateArray())
        {
            if (reading.IsGivenUp)
            {
                return reading;
            }

            if (message.Fault(item) is { } fault)
            {
                reading.Reject(Alone(request.Json!.Value, item), fault);
            }
            else
            {
                message.Read(item, reading);
            }
        }

        message.ReadFigures(reading);
        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => taken.Reading.Rejected.Count == 0
        ? new PhoneResponse(StatusCodes.Status200OK, null, default)
        : new PhoneResponse(
            StatusCodes.Status200OK, "text/plain; charset=utf-8",
            Encoding.UTF8.GetBytes($"{taken.Reading.Faults} of the readings cannot be read. {taken.Reading.Rejected[0].Reason}"));

    public PhoneResponse TooLarge(string reason) => PhoneResponse.Line(reason, StatusCodes.Status413PayloadTooLarge);

    // Wraps one reading in a message of its own, so that it can be replayed alone.
    private static ReadOnlyMemory<byte> Alone(JsonElement message, JsonElement item)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var name in (string[])["messageId", "sessionId", "deviceId"])
        {
            if (message.Member(name) is { } value)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value.GetRawText());
            }
        }

        json.WriteStartArray("payload");
        json.WriteRawValue(item.GetRawText());
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
