using System.Globalization;
using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake;
using FsCheck;
using FsCheck.Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

/// <summary>Phones repeat, reorder and split what they send: the feed is the same.</summary>
public sealed class RepeatedBatchProperties
{
    private const long Start = 1_795_860_000;
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 200)]
    public bool Of_Traccar_fields(NonEmptyArray<byte> steps, int seed) =>
        IsSame("traccar", steps.Get, seed, all => $"[{string.Join(',', all)}]", (step, at) =>
        $$"""{"id":"7","timestamp":{{at}},"lat":{{Number(step / 10.0)}},"lon":2,"speed":{{step}},"batt":{{step % 5}},{{Cell(step)}}}""");

    [Property(MaxTest = 200)]
    public bool Of_Traccar_locations(NonEmptyArray<byte> steps, int seed) =>
        IsSame("traccar", steps.Get, seed, all => $$"""{"device_id":"7","location":[{{string.Join(',', all)}}]}""", (step, at) =>
        $$"""{"timestamp":{{at}},"coords":{"latitude":{{Number(step / 10.0)}},"longitude":2,"speed":-1},"battery":{"level":0.{{step % 5}} },"activity":{"type":"still"},"odometer":{{step}} }""");

    [Property(MaxTest = 200)]
    public bool Of_CloudEvents(NonEmptyArray<byte> steps, int seed) =>
        IsSame("cloudevents", steps.Get, seed, all => $"[{string.Join(',', all)}]", (step, at) =>
        $$"""{"specversion":"1.0","source":"s","id":"{{at}}","type":"x.walk","time":"{{Time(at)}}","data":{"lat":{{Number(step / 10.0)}},"lon":2,"step":{{step}} } }""");

    [Property(MaxTest = 200)]
    public bool Of_Sensor_Logger(NonEmptyArray<byte> steps, int seed) => IsSame(
        "sensorlogger", steps.Get, seed,
        all => $$"""{"sessionId":"s","deviceId":"d","messageId":{{all.Count}},"payload":[{{string.Join(',', all)}}]}""",
        (step, at) => (step % 5) switch
        {
            0 => $$"""{"name":"battery","time":{{at}}000000001,"values":{"batteryLevel":0.{{step}},"batteryState":"unplugged"} }""",
            1 => $$"""{"name":"pedometer","time":{{at}}000000001,"values":{"steps":{{step}} } }""",
            2 => $$"""{"name":"barometer","time":{{at}}000000001,"values":{"pressure":{{step}}.04} }""",
            3 => $$"""{"name":"annotation","time":{{at}}000000001,"values":{"text":"{{step}}"} }""",
            _ => $$"""{"name":"location","time":{{at}}000000001,"values":{"latitude":{{Number(step / 10.0)}},"longitude":2} }""",
        });

    [Property(MaxTest = 200)]
    public bool Of_GPSLogger_whose_points_come_in_any_order(NonEmptyArray<byte> steps, int seed) => IsSame(
        "gpslogger", steps.Get, seed, all => all[0],
        (step, at) => $$"""{"lat":"{{Number(step / 10.0)}}","lon":"2","prov":"gps","timestamp":"{{at}}","batt":"{{step % 5}}"}""", most: 1);

    [Property(MaxTest = 200)]
    public bool Figures_of_a_fast_sensor_are_the_same_in_whatever_order_its_readings_stand(NonEmptyArray<short> values, int seed)
    {
        var items = values.Get.Select(
            (value, index) =>
                $$"""{"name":"gyroscope","time":{{(Start * 1_000_000_000) + (index % 7)}},"values":{"x":{{Number(value / 3.0)}} } }""")
                    .ToArray();
        var message = (string[] all) => $$"""{"sessionId":"s","messageId":1,"payload":[{{string.Join(',', all)}}]}""";

        return Known(Read("sensorlogger", message(items))).SequenceEqual(Known(Read("sensorlogger", message(Shuffled(items, seed)))));
    }

    [Property(MaxTest = 300)]
    public bool Whatever_is_sent_is_read_or_kept_and_never_a_surprise(NonNull<string> text, byte cut, byte format)
    {
        var formats = PhoneFixture.Formats.All;
        var fixtures = PhoneFixture.Names;
        var fixture = PhoneFixture.Open(fixtures[cut % fixtures.Count]);
        var body = fixture.Body;
        var some = body.Length == 0 ? Encoding.UTF8.GetBytes(text.Get) : body[..(cut * 7 % (body.Length + 1))];
        using var request = fixture.Request(some);
        var reading = formats[format % formats.Count].Read(request);
        return reading.Updates.All(
            update => update.Data is null || JsonDocument.Parse(update.Data).RootElement.ValueKind == JsonValueKind.Object);
    }

    private static bool IsSame(
        string format, byte[] steps, int seed, Func<IReadOnlyList<string>, string> message, Func<byte, long, string> item,
        int most = int.MaxValue)
    {
        // Some in one second, some minutes apart.
        var items = steps.Take(40).Select((step, index) => item((byte)(step % 90), Start + (index * 47))).ToArray();
        var random = new Random(seed);
        var once = Parts(items, most, _ => most).SelectMany(part => Read(format, message(part)));
        var again = Parts(Shuffled([.. items, .. items], seed), most, _ => random.Next(1, 5))
            .SelectMany(part => Read(format, message(part)));
        return Known(once).SequenceEqual(Known(again));
    }

    private static IEnumerable<string[]> Parts(string[] items, int most, Func<int, int> size)
    {
        for (var from = 0; from < items.Length;)
        {
            var part = items[from..(int)Math.Min(items.Length, from + (long)Math.Min(most, size(from)))];
            yield return part;
            from += part.Length;
        }
    }

    private static List<ActivityHub.Ledger.Updates.NewUpdate> Read(string format, string body)
    {
        using var request = new PhoneRequest("POST", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body), Now);
        return [.. PhoneFixture.Formats.Find(format)!.Read(request).Updates];
    }

    // As the feed keeps them: of one id the first, with all that it says.
    private static IEnumerable<string> Known(IEnumerable<ActivityHub.Ledger.Updates.NewUpdate> updates) => updates
        .DistinctBy(update => update.ClientId ?? throw new InvalidOperationException("It has no id."))
        .Select(update => $"{update.ClientId} {update.Kind} {update.At:O} {update.Location} {update.Data} {update.Title}")
        .Order(StringComparer.Ordinal);

    private static string[] Shuffled(string[] items, int seed)
    {
        var shuffled = items.ToArray();
        new Random(seed).Shuffle(shuffled);
        return shuffled;
    }

    private static string Cell(byte step) => $"\"cell\":[\"262,1,{step % 3}\"]";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Time(long at) =>
        DateTimeOffset.FromUnixTimeSeconds(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
