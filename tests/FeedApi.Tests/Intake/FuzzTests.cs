using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

/// <summary>
/// What no app sends, and some day one does: mutations of the fixtures through every format. Nothing throws, what comes of it can be
/// stored, and what is not an update, nor a message of which its format makes nothing, is rejected and so kept.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Bodies = 200_000;
    private const int Slices = 8;

    private static readonly string[] Odd =
        ["1e999", "-1e308", "99999999999999999999", "-0", "null", "true", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[1,2]]",
            "\"NaN\"", "\"1,5\"", "\"null\"", "9007199254740993", "-1", "0.5", "\"2026-11-28T10:00:00Z\"", "181"];

    [Fact]
    public void No_mutation_of_a_message_is_an_exception_or_is_lost()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var fixtures = PhoneFixture.Names.Select(PhoneFixture.Open).Select(fixture => (fixture, fixture.Body)).ToArray();
        var time = Stopwatch.StartNew();
        var nothing = new ConcurrentDictionary<string, int>();

        Parallel.For(0, Slices, slice => MutateMany(fixtures, seed + slice, nothing));

        output.WriteLine(
            $"{Bodies} bodies in {time.Elapsed.TotalSeconds:F1} s; of which nothing was "
            + $"made: {string.Join(", ", nothing.Select(pair => $"{pair.Key} {pair.Value}"))}");
    }

    [Fact]
    public void What_is_nested_as_deep_as_can_be_is_rejected()
    {
        foreach (var format in PhoneFixture.Formats.All)
        {
            foreach (var body in new[] { new string('[', 100_000), string.Concat(Enumerable.Repeat("{\"a\":", 50_000)),
                "{\"_type\":\"location\",\"lat\":1,\"lon\":1,\"x\":" + new string('[', 60) + new string(']', 60) + "}" })
            {
                using var request = new PhoneRequest(
                    "POST", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body),
                    new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
                format.Recognises(request);
                format.Read(request).Rejected.Count.ShouldBe(1, format.Name);
            }
        }
    }

    [Fact]
    public void What_has_no_room_in_an_update_is_left_out_and_counted()
    {
        var body =
            $"{{\"_type\":\"location\",\"topic\":\"a\",\"lat\":1,\"lon\":1,{string.Join(',', Enumerable.Range(0, 2000).Select(n => $"\"reading{n}\":\"{new string('x', 100)}\""))}}}";
        foreach (var format in PhoneFixture.Formats.All.Where(format => format.Name is "owntracks" or "plain"))
        {
            using var request = new PhoneRequest(
                "POST", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body),
                new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

            var update = format.Read(request).Updates.ShouldHaveSingleItem();

            CheckUpdate(update, request.Now);
            JsonDocument.Parse(update.Data!).RootElement.GetProperty("leftOut").GetInt32().ShouldBeGreaterThan(500);
        }
    }

    private static void MutateMany((PhoneFixture Fixture, byte[] Body)[] fixtures, int seed, ConcurrentDictionary<string, int> nothing)
    {
        var random = new Random(seed);
        for (var n = 0; n < Bodies / Slices; n++)
        {
            var (fixture, whole) = fixtures[random.Next(fixtures.Length)];
            var body = Mutated(whole, random);
            using var request = fixture.Request(body);
            try
            {
                // Each message to its own format, found or named, and one in eight to any.
                var found = PhoneFixture.Formats.Recognise(request);
                var format = random.Next(8) == 0
                    ? PhoneFixture.Formats.All[random.Next(PhoneFixture.Formats.All.Count)]
                    : random.Next(2) == 0 ? fixture.Format : found;
                Check(format, request, nothing);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"Seed {seed}, body {n} of {fixture.FormatName}: {Convert.ToBase64String(body)}", exception);
            }
        }
    }

    private static void Check(IPhoneFormat format, PhoneRequest request, ConcurrentDictionary<string, int> nothing)
    {
        // The intake does not ask a format for what is empty.
        if (request.IsEmpty)
        {
            return;
        }

        var reading = format.Read(request);
        foreach (var update in reading.Updates)
        {
            CheckUpdate(update, request.Now);
        }

        foreach (var part in reading.Rejected)
        {
            (part.Reason.Length > 10 && part.Body.Length <= part.Length).ShouldBeTrue();
        }

        if (reading.Updates.Count == 0 && reading.Rejected.Count == 0)
        {
            MayMakeNothing(format, request).ShouldBeTrue("It is neither an update nor rejected.");
            nothing.AddOrUpdate(format.Name, 1, (_, count) => count + 1);
        }

        format.Answer(request, new Taken(reading, [.. reading.Updates.Select((_, index) => index + 1L)], 0, [])).Status
            .ShouldBeInRange(200, 299);
    }

    // A message of a known type that says nothing that is stored. Formats that are not named here are asked for no more than that they do
    // not throw.
    private static bool MayMakeNothing(IPhoneFormat format, PhoneRequest request) => format.Name switch
    {
        "plain" => request.Json is { ValueKind: JsonValueKind.Array } items && items.GetArrayLength() == 0,
        "native" => false,
        "owntracks" => request.Json is { ValueKind: JsonValueKind.Array } some && some.GetArrayLength() == 0 ||
            new[] { "configuration", "waypoint", "status", "lwt", "card", "request", "cmd", "clear", "unknown", "steps", "encrypted" }.Any(
                Encoding.UTF8.GetString(request.Body.Span).Contains),
        "overland" => request.Json!.Value.GetProperty("locations").GetArrayLength() == 0,
        _ => true,
    };

    private static void CheckUpdate(NewUpdate update, DateTimeOffset now)
    {
        Kind.IsValid(update.Kind).ShouldBeTrue(update.Kind);
        (update.ClientId is null or { Length: > 0 and <= NewUpdate.MaxClientIdLength }).ShouldBeTrue(update.ClientId);
        (update.Title is null || update.Title.Length <= NewUpdate.MaxTitleLength).ShouldBeTrue("title");
        (update.At is null || (update.At >= DateTimeOffset.UnixEpoch && update.At <= now.AddHours(24))).ShouldBeTrue("at");
        foreach (var text in new[] { update.ClientId, update.Title, update.Data })
        {
            (text is null || (!text.Contains('\0') && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text))
                .ShouldBeTrue("no Unicode");
        }

        if (update.Location is { } place)
        {
            (place is
            {
                Lat: >= -90 and <= 90, Lon: >= -180 and <= 180, Accuracy: null or >= 0, Speed: null or >= 0,
                Heading: null or (>= 0 and <= 360)
            }).ShouldBeTrue("place");
            foreach (var measure in new[] { place.Accuracy, place.Altitude, place.Speed, place.Heading })
            {
                (measure is null || double.IsFinite(measure.Value)).ShouldBeTrue("measure");
            }
        }

        if (update.Data is { } data)
        {
            Encoding.UTF8.GetByteCount(data).ShouldBeLessThanOrEqualTo(UpdateParser.MaxUpdateLength);
            using var json = JsonDocument.Parse(data);
            json.RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
        }
    }

    private static byte[] Mutated(byte[] whole, Random random)
    {
        var body = whole;
        for (var times = random.Next(1, 4); times > 0 && body.Length > 0; times--)
        {
            body = random.Next(6) switch
            {
                0 => body[..random.Next(body.Length + 1)],
                1 => Flipped(body, random),
                2 => Replaced(body, random),
                3 => Spliced(body, Encoding.UTF8.GetBytes(Odd[random.Next(Odd.Length)]), random.Next(body.Length), 0),
                4 => Spliced(body, [(byte)random.Next(256)], random.Next(body.Length), 1),
                _ => Spliced(body, body[..random.Next(Math.Min(body.Length, 200))], random.Next(body.Length), 0),
            };
        }

        return body;
    }

    private static byte[] Flipped(byte[] body, Random random)
    {
        var flipped = body.ToArray();
        flipped[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    // Another value in the place of one: from a colon to the next comma or brace.
    private static byte[] Replaced(byte[] body, Random random)
    {
        var start = random.Next(body.Length);
        var colon = body.AsSpan(start).IndexOf((byte)':');
        if (colon < 0)
        {
            return body;
        }

        var from = start + colon;
        var length = body.AsSpan(from + 1).IndexOfAny((byte)',', (byte)'}');
        var value = random.Next(3) == 0
            ? random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture)
            : Odd[random.Next(Odd.Length)];
        return length < 0 ? body : Spliced(body, Encoding.UTF8.GetBytes(value), from + 1, length);
    }

    private static byte[] Spliced(byte[] body, byte[] other, int at, int instead) =>
        [.. body[..at], .. other, .. body[Math.Min(body.Length, at + instead)..]];
}
