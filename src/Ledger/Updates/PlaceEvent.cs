using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// An event that a phone entered or left a named place, as stored in the data of a <c>geo</c> update:
/// <c>{"event":"entered","place":"Home"}</c>. An event that the hub creates also contains the circle of the named place. A reader's private
/// zones are compared with that circle, because the phone itself is elsewhere once it has left the place.
/// </summary>
public sealed record PlaceEvent(double? Lat, double? Lon, double Radius)
{
    public const string Entered = "entered";
    public const string Left = "left";

    /// <summary>The prefix of the ids of events that the hub creates.</summary>
    public const string IdPrefix = "place-";

    // Deeper than the data of any phone.
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 100_000 };
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(string what, NamedPlace place)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer, Readable);
        json.WriteStartObject();
        json.WriteString("event", what);
        json.WriteString("place", place.Name);
        json.WriteStartObject("circle");
        json.WriteNumber("lat", place.Lat);
        json.WriteNumber("lon", place.Lon);
        json.WriteNumber("radius", place.Radius);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>
    /// Reads the event; returns null if the data has none. The result has no centre if the data does not say where the place is.
    /// </summary>
    public static PlaceEvent? Read(string? data)
    {
        // Every update passes here and almost none has an event, so search the text before parsing it. A name may be written with escapes,
        // so data with a backslash is parsed too.
        if (data is null || !(data.Contains("\"event\"", StringComparison.Ordinal) || data.Contains('\\', StringComparison.Ordinal)))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(data, AnyDepth);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("event", out _))
            {
                return null;
            }

            return root.TryGetProperty("circle", out var circle) && circle.ValueKind == JsonValueKind.Object &&
                Number(circle, "lat") is { } lat && Number(circle, "lon") is { } lon
                ? new PlaceEvent(lat, lon, Number(circle, "radius") ?? 0)
                : new PlaceEvent(null, null, 0);
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException)
        {
            // An escaped lone surrogate is valid JSON but not valid text. Data that cannot be read may contain an event, so it is treated
            // as one.
            return new PlaceEvent(null, null, 0);
        }
    }

    private static double? Number(JsonElement circle, string name) =>
        circle.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) &&
            double.IsFinite(number)
            ? number
            : null;
}
