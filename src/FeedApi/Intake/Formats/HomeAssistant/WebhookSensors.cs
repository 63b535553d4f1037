using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.HomeAssistant;

/// <summary>Reads sensors: they are registered with a name, a unit and a first state, and then updated by their <c>unique_id</c>.</summary>
internal static class WebhookSensors
{
    private const string Format = HomeAssistantFormat.FormatName;
    private const string NoId = "A sensor has no unique_id; send one, and its state.";

    // Home Assistant's values for an unknown state.
    private static readonly HashSet<string> NoState = new(StringComparer.OrdinalIgnoreCase) { "unknown", "unavailable" };

    public static void ReadStates(JsonElement? data, PhoneRequest request, PhoneReading reading)
    {
        if (data is not { ValueKind: JsonValueKind.Array } sensors)
        {
            reading.Reject(request.Body, "Its data is no array; send one of objects with unique_id and state.");
            return;
        }

        foreach (var sensor in sensors.EnumerateArray())
        {
            if (reading.IsGivenUp)
            {
                return;
            }

            if (FaultOf(sensor) is { } fault)
            {
                reading.Reject(Alone(sensor), fault);
            }
            else
            {
                ReadOne(sensor, request, Alone(sensor), reading);
            }
        }
    }

    public static void ReadOne(JsonElement? sensor, PhoneRequest request, ReadOnlyMemory<byte> part, PhoneReading reading)
    {
        if (IdOf(sensor) is not { } id)
        {
            reading.Reject(part, NoId);
            return;
        }

        var state = sensor.Member("state");
        if (state is null || (Texts.Of(state) is { } word && NoState.Contains(word)))
        {
            return;
        }

        if (Numbers.Of(state) is { } percent && IsBattery(sensor, id) &&
            SteadyReading.Battery(reading, Format, percent, null, null, request.Now) is { } battery)
        {
            reading.AddOnce(battery);
            return;
        }

        var data = new DataText().Add("sensor", id).Add("name", Texts.Of(sensor.Member("name"))).Add("value", state)
            .Add("unit", Texts.Of(sensor.Member("unit_of_measurement"))).Add("class", Texts.Of(sensor.Member("device_class")));
        var attributes = sensor.Member("attributes");
        reading.AddOnce(
            ArrivalWindow.Of(Kind.Sensor, null, data.Add("attributes", IsEmpty(attributes) ? null : attributes).Text(), request.Now));
    }

    /// <summary>
    /// Returns why a sensor's state cannot be read; null where it can. A state of null means unknown. A registration needs no state.
    /// </summary>
    public static string? FaultOf(JsonElement sensor) =>
        IdOf(sensor) is null ? NoId
        : !sensor.Has("state") ? "A sensor has no state; send one, null where it is not known."
        : sensor.Member("state") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array }
            ? "A sensor's state is no text, no number and no boolean; put an object or array into its attributes."
        : null;

    public static string? IdOf(JsonElement? sensor) => Texts.Of(sensor.Member("unique_id")) is { Length: <= 100 } id ? id : null;

    public static bool IsBattery(JsonElement? sensor, string id) =>
        id == "battery_level" ||
            (Texts.Of(sensor.Member("device_class")) == "battery" && Texts.Of(sensor.Member("unit_of_measurement")) == "%");

    private static bool IsEmpty(JsonElement? value) =>
        value is not { ValueKind: JsonValueKind.Object } item || !item.EnumerateObject().Any();

    // Wraps one sensor in a message of its own, so that it can be replayed alone.
    private static ReadOnlyMemory<byte> Alone(JsonElement sensor)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("type", "update_sensor_states");
        json.WriteStartArray("data");
        json.WriteRawValue(sensor.GetRawText());
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
