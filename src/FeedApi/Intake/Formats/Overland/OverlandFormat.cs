using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.FeedApi.Intake.Formats.Overland;

/// <summary>
/// Overland, its ports, and Colota's preset: a batch of GeoJSON features, which the app keeps until it receives <c>{"result":"ok"}</c>. A
/// batch that is not the last one also contains <c>current</c>, the phone's present place; a later batch repeats this fix.
/// </summary>
internal sealed class OverlandFormat : IPhoneFormat
{
    public const string FormatName = "overland";

    public string Name => FormatName;

    public bool CarriesMessages => true;

    public bool Recognises(PhoneRequest request) => request.Json.Member("locations") is { ValueKind: JsonValueKind.Array };

    public bool IsOf(string app) => app.StartsWith("Overland", StringComparison.OrdinalIgnoreCase);

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        if (request.Json is not { ValueKind: JsonValueKind.Object } envelope ||
            envelope.Member("locations") is not { ValueKind: JsonValueKind.Array } locations)
        {
            reading.Reject(
                request.Body, $"An Overland message is an object with an array locations, of GeoJSON features. {request.JsonFault}");
            return reading;
        }

        var batch = new OverlandBatch(reading, Texts.Of(envelope.Member("device_id")), request.Now);
        foreach (var feature in locations.EnumerateArray())
        {
            if (reading.IsGivenUp)
            {
                return reading;
            }

            batch.Read(feature);
        }

        ReadCurrent(envelope, batch);
        OverlandTrip.ReadStart(envelope.Member("trip"), batch);
        if (locations.GetArrayLength() == 0 && envelope.Member("current") is null)
        {
            ReadQuery(request, batch);
        }

        return reading;
    }

    public IReadOnlyList<Message> Carried(PhoneRequest request, PhoneReading reading, IReadOnlyList<Message> waiting) =>
        OverlandResponse.Carried(waiting);

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => OverlandResponse.Of(taken.Mail);

    /// <summary>Returns an error, which the app shows while it keeps the batch: its user can set a smaller batch size.</summary>
    public PhoneResponse TooLarge(string reason) => OverlandResponse.Error(reason, StatusCodes.Status413PayloadTooLarge);

    // Read like a location of a batch, so that it has the same id when a later batch repeats it. It also gets the trip that the later batch
    // will name.
    private static void ReadCurrent(JsonElement envelope, OverlandBatch batch)
    {
        if (envelope.Member("current") is { } current)
        {
            batch.Read(current, trip: Texts.Of(envelope.Member("trip").Member("start")));
        }
    }

    // Templates in the address (%TS %LAT …) contain the newest fix. They are read only where the body contains no place; otherwise the body
    // has the same fix with more members.
    private static void ReadQuery(PhoneRequest request, OverlandBatch batch)
    {
        var fields = request.Fields;
        if (fields.Number("lat", "latitude") is not { } lat || fields.Number("lon", "lng", "longitude") is not { } lon)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("geometry");
            json.WriteStartArray("coordinates");
            json.WriteNumberValue(lon);
            json.WriteNumberValue(lat);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("properties");
            json.WriteString("timestamp", fields.Text("ts", "timestamp", "time"));
            json.WriteString("horizontal_accuracy", fields.Text("acc", "accuracy"));
            json.WriteString("speed", fields.Text("spd", "speed"));
            json.WriteString("altitude", fields.Text("alt", "altitude"));
            json.WriteString("battery_level", fields.Text("bat", "batt", "battery"));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var feature = JsonDocument.Parse(buffer.WrittenMemory);
        batch.Read(feature.RootElement);
    }
}
