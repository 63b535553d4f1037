using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Traccar;

/// <summary>The nested object of version 9: metres a second, a battery from 0 to 1, and -1 for an unknown value.</summary>
internal static class TraccarEvent
{
    private const string Format = TraccarFormat.FormatName;

    // Members that are read elsewhere or not useful: "_" repeats the message as a query, and may contain a phone id that was set earlier.
    private static readonly HashSet<string> Elsewhere = new(
        StringComparer.Ordinal) { "timestamp", "coords", "battery", "activity", "uuid", "age", "_", "alarm" };

    public static bool IsOne(JsonElement item) =>
        item.Member("location") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } location &&
        (item.Member("device_id") is not null || location.Member("coords") is not null);

    public static void Read(JsonElement item, DateTimeOffset now, ReadOnlyMemory<byte> part, PhoneReading reading)
    {
        var id = Texts.Of(item.Member("device_id")) ?? item.Member("device_id")?.GetRawText();
        // The library in the app can send several locations at a time.
        if (item.Member("location") is { ValueKind: JsonValueKind.Array } locations)
        {
            foreach (var location in locations.EnumerateArray())
            {
                if (reading.IsGivenUp)
                {
                    return;
                }

                ReadOne(location, id, now, part, reading);
            }
        }
        else
        {
            ReadOne(item.Member("location")!.Value, id, now, part, reading);
        }
    }

    private static void ReadOne(JsonElement location, string? id, DateTimeOffset now, ReadOnlyMemory<byte> part, PhoneReading reading)
    {
        if (location.ValueKind != JsonValueKind.Object)
        {
            reading.Reject(part, "A location in it is no object; send one with timestamp and coords.");
            return;
        }

        var said = Times.Of(location.Member("timestamp"));
        if (said is null && location.Member("timestamp") is not null)
        {
            reading.Reject(part, "Its timestamp is no time; send a date with an offset, or seconds or milliseconds since 1970.");
            return;
        }

        var at = said ?? now;
        if (!Times.IsWithin(at, now))
        {
            reading.Reject(part, "Its timestamp is out of range; send one after 1970 and up to 24 hours from now.");
            return;
        }

        var coords = location.Member("coords");
        var (lat, lon) = (Numbers.Of(coords.Member("latitude")), Numbers.Of(coords.Member("longitude")));
        var place = Places.Of(
            lat, lon, Numbers.Of(coords.Member("accuracy")), Altitude(coords), Numbers.Of(coords.Member("speed")),
            Numbers.Of(coords.Member("heading")));
        if (place is null && coords is not null)
        {
            reading.Reject(part, Places.Fault(lat, lon));
            return;
        }

        ReadSteady(location, at, reading);
        var data = Rest(location);
        if (place is not null || data is not null)
        {
            reading.AddOnce(new NewUpdate
            {
                Kind = place is null ? "status" : Kind.Geo,
                At = said,
                Location = place,
                Data = data,
                ClientId = said is null ? null : ClientIds.Of(Format, id, said, place?.Lat, place?.Lon, Texts.Of(location.Member("event"))),
            });
        }
    }

    // -1 means an unknown altitude, but may also be measured, a metre below the sea. The accuracy decides.
    private static double? Altitude(JsonElement? coords) => Numbers.Of(coords.Member("altitude")) switch
    {
        -1 when Numbers.Of(coords.Member("altitude_accuracy")) is not >= 0 => null,
        var metres => metres,
    };

    private static void ReadSteady(JsonElement location, DateTimeOffset at, PhoneReading reading)
    {
        var battery = location.Member("battery");
        // -1 means an unknown level.
        var level = Numbers.Of(battery.Member("level"));
        reading.AddOnce(
            SteadyReading.Battery(
                reading, Format, level == -1 ? level : level * 100, Numbers.Flag(battery.Member("is_charging")), null, at));
        if (Texts.Of(location.Member("activity").Member("type")) is { } activity && activity != "unknown")
        {
            // The confidence is left out: it changes with each message, so each message would become a separate reading.
            reading.AddOnce(SteadyReading.Of(Format, Kind.Activity, new DataText().Add("activity", activity).Text(), at));
        }
    }

    private static string? Rest(JsonElement location)
    {
        var data = new DataText().Add("alarm", Texts.Of(location.Member("alarm")) ?? Texts.Of(location.Member("extras").Member("alarm")));
        foreach (var member in location.EnumerateObject())
        {
            if (RestOfObject.NameOf(member) is { Length: <= 100 } name && !Elsewhere.Contains(name) && !IsEmpty(member.Value))
            {
                data.Add(name, member.Value);
            }
        }

        return data.Text();
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any();
}
