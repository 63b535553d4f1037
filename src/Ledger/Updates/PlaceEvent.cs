using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// That a phone entered or left a place with a name, as it stands in the data of a <c>geo</c> update: <c>{"event":"entered","place":"Home"}</c>. The hub's own
/// carry the place's circle beside it: whoever withholds places must know where that one lies, which is not where the phone was when it had left.
/// </summary>
public sealed record PlaceEvent(double? Lat, double? Lon, double Radius)
{
    public const string Entered = "entered";
    public const string Left = "left";

    /// <summary>How the ids of the hub's own begin.</summary>
    public const string IdPrefix = "place-";

    // As deep as no phone's data is.
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

    /// <summary>Null where the data tells of no event; without a centre where it does not say where the place lies.</summary>
    public static PlaceEvent? Read(string? data)
    {
        // Almost no data does, and all data is asked. A name may be written with escapes.
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
            // An escaped lone surrogate is valid JSON and still no text. What cannot be read might be one: it is treated as one.
            return new PlaceEvent(null, null, 0);
        }
    }

    private static double? Number(JsonElement circle, string name) =>
        circle.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) &&
            double.IsFinite(number)
            ? number
            : null;
}
