using System.Globalization;
using System.Text.Json;
using ActivityHub.Ledger.Places;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Reads <c>location</c>: degrees WGS 84, metres, metres a second, degrees clockwise from north.</summary>
internal sealed class PlaceReader(FaultList faults)
{
    private static readonly Measure[] Measures =
    [
        new("lat", -90, 90, "a latitude is -90 to 90"),
        new("lon", -180, 180, "a longitude is -180 to 180"),
        new("accuracy", 0, double.MaxValue, "an accuracy is 0 or more metres; leave it out where it is not known"),
        new("altitude", -12_000, 100_000, "an altitude is -12000 to 100000 metres"),
        new("speed", 0, double.MaxValue, "a speed is 0 or more metres a second; leave it out where it is not known"),
        new("heading", 0, 360, "a heading is 0 to 360 degrees clockwise from north; leave it out where it is not known"),
    ];

    public Place? Read(ref Utf8JsonReader json, int index)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            faults.Add(index, "location", $"This is {JsonWords.Name(json.TokenType)}; send an object with lat and lon.");
            json.Skip();
            return null;
        }

        Span<double?> values = stackalloc double?[6];
        Span<bool> seen = stackalloc bool[6];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var which = Identify(ref json, index);
            json.Read();
            if (which < 0)
            {
                json.Skip();
            }
            else if (seen[which])
            {
                faults.Add(index, Measures[which].Path, "This member occurs twice; send it once.");
                json.Skip();
            }
            else
            {
                seen[which] = true;
                values[which] = ReadNumber(ref json, index, Measures[which], ref seen[which]);
            }
        }

        if (!seen[0])
        {
            faults.Add(index, "location.lat", "It is missing; a location has lat and lon.");
        }

        if (!seen[1])
        {
            faults.Add(index, "location.lon", "It is missing; a location has lat and lon.");
        }

        return values[0] is { } lat && values[1] is { } lon ? new Place(lat, lon, values[2], values[3], values[4], values[5]) : null;
    }

    private int Identify(ref Utf8JsonReader json, int index)
    {
        if (json.ValueIsEscaped && !JsonWords.HasPairedSurrogates(json.ValueSpan))
        {
            faults.Add(index, "location", "A member's name holds a lone surrogate.");
            return -1;
        }

        for (var i = 0; i < Measures.Length; i++)
        {
            if (json.ValueTextEquals(Measures[i].Utf8Name))
            {
                return i;
            }
        }

        faults.Add(
            index, "location." + JsonWords.Clip(json.GetString()),
            "There is no such member: a location has lat, lon, accuracy, altitude, speed and heading. Put your own members into data.");
        return -1;
    }

    private double? ReadNumber(ref Utf8JsonReader json, int index, Measure measure, ref bool seen)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            // Null counts as absent, so that a lat of null is reported as missing.
            seen = false;
            return null;
        }

        if (json.TokenType != JsonTokenType.Number)
        {
            faults.Add(index, measure.Path, $"This is {JsonWords.Name(json.TokenType)}; send a number.");
            json.Skip();
            return null;
        }

        if (json.TryGetDouble(out var value) && double.IsFinite(value) && value >= measure.Min && value <= measure.Max)
        {
            return value;
        }

        var found = double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : JsonWords.Clip(json.ValueSpan);
        faults.Add(index, measure.Path, $"{found} is out of range; {measure.Rule}.");
        return null;
    }

    private sealed record Measure(string Name, double Min, double Max, string Rule)
    {
        public byte[] Utf8Name { get; } = System.Text.Encoding.UTF8.GetBytes(Name);

        public string Path { get; } = "location." + Name;
    }
}
