using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Overland;

/// <summary>Reads a batch feature by feature; a faulty feature is rejected alone, as a batch of one.</summary>
/// <param name="reading">Receives the updates.</param>
/// <param name="device">The device's description in the envelope; a feature's own properties take precedence.</param>
/// <param name="now">The time of receipt.</param>
internal sealed class OverlandBatch(PhoneReading reading, string? device, DateTimeOffset now)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private (DateTimeOffset From, double? Level, bool? Charging, string? State)? _battery;

    public DateTimeOffset Now => now;

    public PhoneReading Reading => reading;

    /// <summary>
    /// Returns whether the battery differs from the previous feature's. Most readings are equal; no update is built for these.
    /// </summary>
    public bool IsNews(DateTimeOffset from, double? level, bool? charging, string? state)
    {
        var isNews = _battery != (from, level, charging, state);
        _battery = (from, level, charging, state);
        return isNews;
    }

    /// <summary>Adds an update, unless it is null or already in the batch.</summary>
    public void Add(NewUpdate? update)
    {
        if (update is not null && (update.ClientId is null || _ids.Add(update.ClientId)))
        {
            reading.Add(update);
        }
    }

    /// <param name="feature">The GeoJSON feature; any other value is rejected.</param>
    /// <param name="trip">The trip of the feature, where the feature itself names none.</param>
    public void Read(JsonElement feature, string? trip = null)
    {
        if (feature.Member("properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            Reject(feature, "It is no GeoJSON feature with properties.");
            return;
        }

        if (Times.Of(properties.Member("timestamp")) is not { } at || !Times.IsWithin(at, now))
        {
            Reject(
                feature,
                "Its timestamp is missing, is no date, or is out of range; send one like 2026-11-28T08:00:00Z, up to 24 hours from now.");
            return;
        }

        var said = new OverlandFeature(
            properties, at, PlaceOf(feature, properties), Texts.Of(properties.Member("device_id")) ?? device, trip);
        if (said.Read() is { } update)
        {
            Add(update);
        }
        else if (feature.Member("geometry").Member("coordinates") is null)
        {
            Reject(feature, "There is no place in it: geometry.coordinates is an array of longitude and latitude.");
            return;
        }
        else
        {
            var (lat, lon) = Coordinates(feature);
            Reject(feature, Places.Fault(lat, lon));
            return;
        }

        said.ReadSteady(this);
    }

    // GeoJSON puts the longitude before the latitude.
    private static Place? PlaceOf(JsonElement feature, JsonElement properties)
    {
        var (lat, lon) = Coordinates(feature);
        var altitude = Places.Altitude(properties.Member("altitude"), properties.Member("vertical_accuracy"));
        return Places.Of(
            lat, lon, Numbers.Of(properties.Member("horizontal_accuracy")), altitude, Numbers.Of(properties.Member("speed")),
            Numbers.Of(properties.Member("course")));
    }

    private static (double? Lat, double? Lon) Coordinates(JsonElement feature) =>
        feature.Member("geometry").Member("coordinates") is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() >= 2
            ? (Numbers.Of(pair[1]), Numbers.Of(pair[0]))
            : (null, null);

    private void Reject(JsonElement feature, string reason)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (device is not null)
        {
            json.WriteString("device_id", device);
        }

        json.WriteStartArray("locations");
        json.WriteRawValue(feature.GetRawText(), skipInputValidation: true);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        reading.Reject(buffer.WrittenMemory, reason);
    }
}
