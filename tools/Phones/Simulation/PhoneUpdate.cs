using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityHub.Phones.Simulation;

/// <summary>One update of a simulated phone.</summary>
internal sealed record PhoneUpdate(string Id, string Kind, DateTimeOffset At, string? Title, Place? Place, JsonObject? Data)
{
    /// <summary>Returns the native form: one object, without line breaks.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", Id);
            json.WriteString("kind", Kind);
            json.WriteString("at", At.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
            if (Title is not null)
            {
                json.WriteString("title", Title);
            }

            if (Place is { } place)
            {
                Write(json, place);
            }

            if (Data is not null)
            {
                json.WritePropertyName("data");
                Data.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    // Six decimals are a tenth of a metre: no phone is more accurate.
    private static void Write(Utf8JsonWriter json, Place place)
    {
        json.WriteStartObject("location");
        json.WriteNumber("lat", Math.Round(place.Latitude, 6));
        json.WriteNumber("lon", Math.Round(place.Longitude, 6));
        json.WriteNumber("accuracy", Math.Round(place.Accuracy, 1));
        json.WriteNumber("altitude", Math.Round(place.Altitude, 1));
        json.WriteNumber("speed", Math.Round(place.Speed, 2));
        json.WriteNumber("heading", Math.Round(place.Heading, 1) % 360);
        json.WriteEndObject();
    }
}
