using System.Text.Json;
using ActivityHub.FeedApi.Intake.Formats.Plain;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.Phyphox;

/// <summary>
/// phyphox: the buffers of an experiment, which are arrays of numbers under the experiment's own names. Each buffer becomes one update of
/// figures. A GET contains only the last values. The app neither queues nor retries.
/// </summary>
internal sealed class PhyphoxFormat : IPhoneFormat
{
    private const string FormatName = "phyphox";
    private const string Time = "time";
    private const int MostBuffers = 100;

    public string Name => FormatName;

    public bool CarriesMessages => false;

    public bool Recognises(PhoneRequest request) =>
        request.Json.Member(Time) is { ValueKind: JsonValueKind.Object } time && time.Member("now") is not null &&
            time.Member("events") is not null;

    public PhoneReading Read(PhoneRequest request)
    {
        var reading = new PhoneReading();
        if (request.Json is { ValueKind: JsonValueKind.Object } item)
        {
            ReadBuffers(item, request, reading);
        }
        else if (request.Fields.Count > 0)
        {
            ReadLastValues(request, reading);
        }
        else
        {
            reading.Reject(request.Body, $"It holds no buffers; use the experiment that the hub makes for this phone. {request.JsonFault}");
        }

        return reading;
    }

    public PhoneResponse Answer(PhoneRequest request, Taken taken) => PhoneResponse.Json("{}"u8.ToArray());

    private static void ReadBuffers(JsonElement item, PhoneRequest request, PhoneReading reading)
    {
        var time = item.Member(Time).Member("now") ?? item.Member(Time);
        var said = Times.Of(time);
        if (said is null && time is { ValueKind: JsonValueKind.String or JsonValueKind.Number })
        {
            reading.Reject(request.Body, "Its time is no time; it is seconds or milliseconds since 1970. Look at the phone's clock.");
            return;
        }

        if (said is { } at && !Times.IsWithin(at, request.Now))
        {
            reading.Reject(
                request.Body, "Its time is out of range; one after 1970 and up to 24 hours from now is kept. Look at the phone's clock.");
            return;
        }

        var words = new DataText().Add("sensor", "phyphox");
        var hasWords = false;
        // "device" is the id of the phone.
        foreach (var member in item.EnumerateObject().Take(MostBuffers))
        {
            if (RestOfObject.NameOf(member) is not { Length: <= 100 } name || name is Time or "device")
            {
                continue;
            }

            if (member.Value.ValueKind == JsonValueKind.Array)
            {
                AddFigures(name, member.Value, said, reading);
            }
            else if (member.Value.ValueKind == JsonValueKind.Number)
            {
                Add(new DataText().Add("sensor", name).Add("value", Numbers.Of(member.Value)), said, reading);
            }
            else if (name != "sensor" && Texts.Of(member.Value) is { } word)
            {
                words.Add(name, word);
                hasWords = true;
            }
        }

        if (hasWords)
        {
            reading.AddOnce(SteadyReading.Of(FormatName, Kind.Sensor, words.Text(), said ?? request.Now));
        }
    }

    private static void AddFigures(string name, JsonElement values, DateTimeOffset? said, PhoneReading reading)
    {
        var summary = new Summary();
        // NaN and infinity, which phyphox writes, have been replaced by null.
        var (missing, index) = (0, 0);
        foreach (var value in values.EnumerateArray())
        {
            if (Numbers.Of(value) is { } number)
            {
                summary.Add(number, DateTimeOffset.UnixEpoch.AddTicks(index++));
            }
            else
            {
                missing++;
            }
        }

        if (summary.Count > 0)
        {
            Add(
                new DataText().Add("sensor", name).Add("count", (double)summary.Count)
                    .Add("missing", missing > 0 ? missing : default(double?)).AddObject("values", summary.Data()), said, reading);
        }
    }

    private static void ReadLastValues(PhoneRequest request, PhoneReading reading)
    {
        var fields = new PlainFields(request.Fields);
        var said = fields.Time(Time);
        if (said is { } at ? !Times.IsWithin(at, request.Now) : fields.Has(Time))
        {
            reading.Reject(
                request.Body,
                "Its time is no time, or out of range; one after 1970 and up to 24 hours from now is kept. Look at the phone's clock.");
            return;
        }

        foreach (var name in request.Fields.All.Keys.Where(name => name is not (Time or "device") && name.Length <= 100)
            .Order(StringComparer.Ordinal).Take(MostBuffers))
        {
            if (fields.Number(name) is { } number)
            {
                Add(new DataText().Add("sensor", name.Replace('\0', '\uFFFD')).Add("value", number), said, reading);
            }
        }
    }

    // Without a time a repeat cannot be recognized; the app sends none.
    private static void Add(DataText data, DateTimeOffset? said, PhoneReading reading)
    {
        var text = data.Text();
        reading.AddOnce(
            new NewUpdate
            {
                Kind = Kind.Sensor,
                At = said,
                Data = text,
                ClientId = said is null ? null : ClientIds.Of(FormatName, said, text)
            });
    }
}
