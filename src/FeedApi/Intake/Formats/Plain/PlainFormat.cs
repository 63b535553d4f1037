using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Formats.Native;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Plain;

/// <summary>
/// Messages of self-made clients: Tasker, Shortcuts, Automate, curl. A query, a form, an object, an array of objects or one object per
/// line, with flat names and their usual variants. A value whose name is unknown here is stored as a reading of that name.
/// </summary>
internal sealed class PlainFormat : IPhoneFormat
{
    private const string FormatName = "plain";

    private static readonly string[] TimeNames = ["at", "ts", "time", "timestamp", "tst", "date", "datetime"];

    // Names of a pair of coordinates. The first one found is the place; the others are stored as data.
    private static readonly string[] Coordinates = ["loc", "location", "gps", "position", "coordinates"];

    public string Name => FormatName;

    public bool CarriesMessages => true;

    public bool ReportsNumbers => true;

    /// <summary>Clients of the hub's own format acknowledge messages by <c>/devices/{device}/inbox/acknowledged</c>.</summary>
    public bool AcknowledgesBySendingOn => false;

    /// <summary>Accepts every message that no other format accepts.</summary>
    public bool Recognises(PhoneRequest request) => true;

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        switch (request.Json)
        {
            case { ValueKind: JsonValueKind.Object } item:
                ReadElement(item, request.Body, request, 0, reading);
                break;
            case { ValueKind: JsonValueKind.Array } items:
                ReadMany(items.EnumerateArray(), request, reading);
                break;
            default:
                ReadText(request, reading);
                break;
        }

        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => NativeResponse.Of(taken, isSingle: true);

    private static void ReadMany(IEnumerable<JsonElement> items, PhoneRequest request, PhoneReading reading)
    {
        var index = 0;
        foreach (var item in items)
        {
            if (reading.IsGivenUp)
            {
                return;
            }

            ReadElement(item, Encoding.UTF8.GetBytes(item.GetRawText()), request, index++, reading);
        }
    }

    private static void ReadElement(JsonElement item, ReadOnlyMemory<byte> text, PhoneRequest request, int index, PhoneReading reading)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            reading.Reject(text, "It is no object; send an object with names and values, for example {\"lat\":48.85,\"lon\":2.29}.");
        }
        else if (PlainFields.TryRead(item) is { } fields)
        {
            ReadOne(fields, request, text, index, reading);
        }
        else
        {
            reading.Reject(text, "A name in it is no Unicode text: it holds half of a surrogate pair, or is not UTF-8.");
        }
    }

    private static void ReadText(PhoneRequest request, PhoneReading reading)
    {
        if (request.Fields.Count > 0)
        {
            ReadOne(new PlainFields(request.Fields), request, request.Body, 0, reading);
        }
        else if (request.Body.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
        {
            ReadLines(request, reading);
        }
        else
        {
            reading.Reject(request.Body, $"It is neither JSON nor a form. {request.JsonFault}");
        }
    }

    private static void ReadLines(PhoneRequest request, PhoneReading reading)
    {
        var index = 0;
        foreach (var range in request.Body.Span.Split((byte)'\n'))
        {
            var line = request.Body[range];
            if (line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            if (reading.IsGivenUp)
            {
                return;
            }

            try
            {
                using var json = PhoneRequest.ParseJson(line);
                ReadElement(json.RootElement, line, request, index++, reading);
            }
            catch (JsonException exception)
            {
                reading.Reject(line, $"It is not JSON at byte {(exception.BytePositionInLine ?? 0) + 1} of the line.");
            }
        }
    }

    private static void ReadOne(PlainFields fields, PhoneRequest request, ReadOnlyMemory<byte> part, int index, PhoneReading reading)
    {
        var said = fields.Time(TimeNames);
        if (said is null && fields.Has(TimeNames))
        {
            reading.Reject(
                part,
                "Its time cannot be read; send seconds since 1970 or a date with an offset, or leave it out for the time of "
                + "receipt.");
            return;
        }

        var at = said ?? request.Now;
        if (!Times.IsWithin(at, request.Now))
        {
            reading.Reject(
                part,
                $"Its time is out of range; send one after 1970 and up to 24 hours from now, as seconds or as a date with an offset.");
            return;
        }

        var id = fields.Text("id", "uuid") ?? (request.Headers.TryGetValue("Idempotency-Key", out var key) ? $"{key}-{index}" : null);
        var title = Texts.Clip(fields.Text("title"), NewUpdate.MaxTitleLength / 2);
        var kind = fields.Text("kind", "type") is { } word && Kind.IsValid(word.ToLowerInvariant()) ? word.ToLowerInvariant() : null;
        var before = reading.Updates.Count;
        ReadBattery(fields, said, at, reading);
        var (place, fault) = ReadPlace(fields);
        if (fault is not null)
        {
            reading.Reject(part, fault);
            return;
        }

        var data = fields.Rest().Text();
        if (place is null && data is null && title is null)
        {
            if (reading.Updates.Count == before)
            {
                reading.Reject(
                    part,
                    "There is no value in it; send for example lat and lon, battery, or any names and values of your "
                    + "own.");
            }

            return;
        }

        kind ??= place is null ? Kind.Sensor : Kind.Geo;
        reading.Add(new NewUpdate
        {
            IsNamed = id is not null,
            Kind = kind,
            At = said,
            Title = title,
            Location = place,
            Data = data,
            ClientId = id is not null
                ? ClientIds.Of(FormatName, kind, id)
                : said is null ? null : ClientIds.Of(FormatName, kind, said, place?.Lat, place?.Lon, title, data),
        });
    }

    private static void ReadBattery(PlainFields fields, DateTimeOffset? said, DateTimeOffset at, PhoneReading reading)
    {
        if (fields.Number("battery", "batt", "bat", "batteryLevel", "battery_level") is not { } level)
        {
            return;
        }

        // Some clients send 0 to 1. A level of exactly 1 is ambiguous; it counts as one percent.
        var percent = level is > 0 and < 1 ? level * 100 : level;
        var (charging, state) = (fields.Flag("charging", "charge", "is_charging", "ischarging"), default(string));
        if (charging is null)
        {
            (charging, state) = BatteryStates.OfCode(fields.Text("bs"));
        }

        if (SteadyReading.Battery(reading, FormatName, percent, charging, state, said ?? at) is { } battery)
        {
            reading.Add(battery);
        }
    }

    private static (Place? Place, string? Fault) ReadPlace(PlainFields fields)
    {
        var (lat, lon) = (fields.Number("lat", "latitude", "y"), fields.Number("lon", "lng", "long", "longitude", "x"));
        if (lat is null && lon is null)
        {
            (lat, lon) = fields.Pair(Coordinates);
        }

        if (lat is null && lon is null)
        {
            return (null, null);
        }

        var speed = fields.Number("speed", "spd", "velocity", "vel")
            ?? (fields.Number("speed_kmh", "kph", "spd_kph", "kmh") * Places.MetresPerSecondOfKmH);
        var place = Places.Of(
            lat, lon, fields.Number("accuracy", "acc", "horizontal_accuracy"), fields.Number("altitude", "alt", "elevation"), speed,
            fields.Number("heading", "bearing", "bear", "course", "dir", "direction"));
        return place is null ? (null, Places.Fault(lat, lon)) : (place, null);
    }
}
