using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.SensorLogger;

/// <summary>
/// The readings of one message. A reading that is an update by itself is identified by its session, name, time and values, in any message;
/// figures are identified by their message.
/// </summary>
internal sealed class SensorMessage(JsonElement message, DateTimeOffset now)
{
    private const string Format = SensorLoggerFormat.FormatName;
    private const string Camera = "camera";
    private const int MostNames = 100;

    private readonly string _session = $"{Text(message, "deviceId")}\u001F{Text(message, "sessionId")}";
    private readonly SortedDictionary<string, SensorFigures> _figures = new(StringComparer.Ordinal);
    private int _images;
    private DateTimeOffset? _firstImage;

    /// <summary>Returns the fault of a reading; null where there is none.</summary>
    public string? Fault(JsonElement item)
    {
        if (Texts.Of(item.Member("name")) is not { } name || name.Length > 100 ||
            item.Member("values") is not { ValueKind: JsonValueKind.Object } values)
        {
            return "A reading has no name, or no values; send an object with name, time and values.";
        }

        if (Times.Of(item.Member("time")) is not { } at)
        {
            return $"The time of \"{name}\" is no time; send nanoseconds since 1970, as a whole number.";
        }

        if (!Times.IsWithin(at, now))
        {
            return $"The time of \"{name}\" is out of range; send one from 1970 to 24 hours from now, in nanoseconds.";
        }

        var key = name.ToLowerInvariant();
        if (key == "location")
        {
            var (lat, lon) = (Numbers.Of(values.Member("latitude")), Numbers.Of(values.Member("longitude")));
            return Places.Of(lat, lon) is null ? Places.Fault(lat, lon) : null;
        }

        return _figures.Count >= MostNames && !_figures.ContainsKey(key)
            ? $"A message holds more than {MostNames} sensors; send fewer at a time."
            : null;
    }

    public void Read(JsonElement item, PhoneReading reading)
    {
        var name = Texts.Of(item.Member("name"))!.ToLowerInvariant();
        var at = Times.Of(item.Member("time"))!.Value;
        var values = item.Member("values")!.Value;
        if (name == Camera)
        {
            // Images are only counted: an image is as large as everything else together, and owners who share a feed do not expect one in
            // it.
            _images++;
            _firstImage = _firstImage is { } first && first < at ? first : at;
        }
        else if (SensorReadings.Of(name, values, at, Id(name, at, values), reading, out var update))
        {
            reading.AddOnce(update);
        }
        else
        {
            if (!_figures.TryGetValue(name, out var figures))
            {
                _figures[name] = figures = new SensorFigures();
            }

            figures.Add(values, at);
        }
    }

    /// <summary>Adds one update for each sensor that measures too fast for single updates. Must be called last.</summary>
    public void ReadFigures(PhoneReading reading)
    {
        var number = message.Member("messageId")?.GetRawText();
        foreach (var (name, figures) in _figures)
        {
            reading.AddOnce(new NewUpdate
            {
                Kind = Kind.Sensor,
                At = figures.First,
                Data = figures.Data(name).Text(),
                ClientId = ClientIds.Of(Format, _session, number, name, figures.First, figures.Last, figures.Count),
            });
        }

        if (_firstImage is { } first)
        {
            reading.AddOnce(new NewUpdate
            {
                Kind = Kind.Sensor,
                At = first,
                Data = new DataText().Add("sensor", Camera).Add("images", (double)_images).Add("kept", false).Text(),
                ClientId = ClientIds.Of(Format, _session, number, Camera, first, _images),
            });
        }
    }

    private static string? Text(JsonElement item, string name) => Texts.Of(item.Member(name)) ?? item.Member(name)?.GetRawText();

    private string Id(string name, DateTimeOffset at, JsonElement values) => ClientIds.Of(Format, _session, name, at, values.GetRawText());
}
