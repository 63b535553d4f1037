using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityHub.FeedApi.Intake;
using ActivityHub.Ledger.Updates;
using FsCheck;
using FsCheck.Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

/// <summary>
/// Apps send again what they have sent, in another order, and in other pieces. What the feed holds in the end is the same.
/// </summary>
public sealed class BatchProperties
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 200)]
    public bool An_Overland_batch_repeated_reordered_or_split_is_the_same_feed(NonEmptyArray<ushort> fixes, int seed, byte pieces) =>
        IsOneFeed("overland", [.. fixes.Get.Select(Feature)], seed, pieces, part => new JsonObject { ["locations"] = part });

    [Property(MaxTest = 200)]
    public bool OwnTracks_messages_repeated_and_reordered_are_the_same_feed(NonEmptyArray<ushort> fixes, int seed, byte pieces) =>
        IsOneFeed("owntracks", [.. fixes.Get.Select(Located)], seed, pieces, part => part);

    [Property(MaxTest = 200)]
    public bool Plain_readings_repeated_reordered_or_split_are_the_same_feed(NonEmptyArray<ushort> fixes, int seed, byte pieces) =>
        IsOneFeed("plain", [.. fixes.Get.Select(Colota)], seed, pieces, part => part);

    private static bool IsOneFeed(string format, JsonObject[] items, int seed, byte pieces, Func<JsonArray, JsonNode> body)
    {
        var reader = PhoneFixture.Formats.Find(format)!;
        var whole = Stored(reader, [body(new JsonArray([.. items.Select(item => item.DeepClone())]))]);
        var random = new Random(seed);
        JsonObject[] mixed = [.. items, .. items.Where(_ => random.Next(2) == 0)];
        random.Shuffle(mixed);
        var parts = mixed.Chunk(1 + (pieces % 7)).Select(part => body(new JsonArray([.. part.Select(item => item.DeepClone())])));
        return whole.SetEquals(Stored(reader, parts));
    }

    // The feed knows an update by its id: of two with one id the first is kept, and so all of them must be the same.
    private static HashSet<string> Stored(IPhoneFormat format, IEnumerable<JsonNode> bodies)
    {
        var stored = new HashSet<string>();
        foreach (var body in bodies)
        {
            using var request = new PhoneRequest(
                "POST", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body.ToJsonString()), Now);
            var reading = format.Read(request);
            if (reading.Rejected.Count > 0 || reading.Updates.Count == 0)
            {
                throw new InvalidOperationException("All of it can be read.");
            }

            stored.UnionWith(reading.Updates.Select(Content));
        }

        return stored;
    }

    private static string Content(NewUpdate update) => JsonSerializer.Serialize(update with { EntryId = Guid.Empty });

    // Few of each, so that much of it repeats, and what is steady changes now and then.
    private static JsonObject Feature(ushort n)
    {
        var properties = new JsonObject
        {
            ["timestamp"] = At(n).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["battery_level"] = n % 3 * 0.4,
            ["battery_state"] = "unplugged",
            ["wifi"] = n % 2 == 0 ? "cantina" : ""
        };
        properties["motion"] = new JsonArray(n % 5 == 0 ? "walking" : "stationary");
        if (n % 11 == 0)
        {
            properties["action"] = n % 2 == 0 ? "visit" : "will_terminate";
        }

        return new JsonObject
        {
            ["type"] = "Feature",
            ["geometry"] = new JsonObject { ["type"] = "Point", ["coordinates"] = new JsonArray(n % 50 / 10.0, 41.1) },
            ["properties"] = properties
        };
    }

    private static JsonObject Located(ushort n) => n % 7 == 0
        ? new()
        {
            ["_type"] = "transition",
            ["event"] = n % 2 == 0 ? "enter" : "leave",
            ["desc"] = "Casa",
            ["tst"] = At(n).ToUnixTimeSeconds()
        }
        : new()
        {
            ["_type"] = "location",
            ["topic"] = "o/r/p",
            ["lat"] = n % 50 / 10.0,
            ["lon"] = 2,
            ["tst"] = At(n).ToUnixTimeSeconds(),
            ["batt"] = 40 + (n % 3),
            ["conn"] = n % 2 == 0 ? "w" : "m"
        };

    private static JsonObject Colota(ushort n) =>
        new()
        {
            ["lat"] = n % 50 / 10.0,
            ["lon"] = 2,
            ["tst"] = At(n).ToUnixTimeSeconds(),
            ["batt"] = 40 + (n % 3),
            ["bs"] = n % 4,
            ["vel"] = 1
        };

    private static DateTimeOffset At(ushort n) => Now.AddSeconds(-(n % 2000));
}
