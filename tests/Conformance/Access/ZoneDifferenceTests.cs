using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// If two phones differ only in events inside a private zone, their readers get the same bytes from every output. The differences are the
/// place in the zone, the networks, tags and sensors seen there, titles, and the named places entered.
/// </summary>
public sealed partial class ZoneDifferenceTests
{
    private const int Steps = 14;
    private static readonly string[] Unplaced = ["network", "beacon", "tag", "sensor", "calendar", "activity", "x.custom"];

    [Theory]
    [InlineData(Database.Sqlite, 6)]
    [InlineData(Database.Postgres, 2)]
    public async Task What_happens_in_a_zone_changes_nothing_that_a_reader_can_see(Database database, int rounds)
    {
        await using var hub = await HubApp.StartAsync(database, SharedHubs.Impatient);
        var seed = Random.Shared.Next();
        for (var round = 0; round < rounds; round++)
        {
            await CompareAsync(hub, seed + round, isDrawnLater: round % 2 == 1, round % 3);
        }
    }

    private static async Task CompareAsync(HubApp hub, int seed, bool isDrawnLater, int view)
    {
        var random = new Random(seed);
        TestGrantRequest request = view switch
        {
            0 => new TestGrantRequest(),
            1 => new TestGrantRequest { Precision = "1km", Kinds = ["geo", "network", "sensor", "x.custom", "battery", "calendar"] },
            _ => new TestGrantRequest { Kinds = ["network", "sensor", "tag", "battery", "geo"] },
        };
        var told = $"seed {seed}, view {view}, drawn later {isDrawnLater}";
        TestContext.Current.TestOutputHelper!.WriteLine(told);
        await using var listener = await CallbackListener.StartAsync();
        var owner = await hub.SignUpAsync();
        if (!isDrawnLater)
        {
            await DrawAsync(owner, """{"name":"home","lat":48.0,"lon":2.0,"radius":3000}""");
        }

        await DrawAsync(owner, """{"type":"place","name":"Kitchen","lat":48.0,"lon":2.0,"radius":60}""");
        await DrawAsync(owner, """{"type":"place","name":"Attic","lat":48.01,"lon":2.0,"radius":60}""");
        var one = await OpenAsync(hub, owner, request, listener, !isDrawnLater);
        var other = await OpenAsync(hub, owner, request, listener, !isDrawnLater);

        var minute = 0;
        for (var step = 0; step < Steps; step++)
        {
            // Inside the zone, or far away from it; the way between takes hours.
            var isHome = step % 4 is 1 or 2;
            minute += step % 2 == 1 ? 240 : 1;
            var (first, second) = Pair(random, isHome, minute, step);
            await one.Phone.PostAsync(first);
            await other.Phone.PostAsync(second);
        }

        if (isDrawnLater)
        {
            await DrawAsync(owner, """{"name":"home","lat":48.0,"lon":2.0,"radius":3000}""");
        }

        await Task.WhenAll(LookAsync(one, listener, !isDrawnLater), LookAsync(other, listener, !isDrawnLater));

        one.Found.Count.ShouldBeGreaterThan(0, told);
        one.Seen.ShouldNotContain("hushed", Case.Insensitive, told);
        other.Seen.ShouldBe(one.Seen, told);
    }

    /// <summary>Returns a message for each phone: equal outside the zone; inside, different content at the same times.</summary>
    private static (string First, string Second) Pair(Random random, bool isHome, int minute, int step)
    {
        var at = new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);
        var kinds = random.GetItems(Unplaced, 3);
        var level = random.Next(100);
        var outside = random.Next();
        return (Message(isHome ? random.Next() : outside), Message(isHome ? random.Next() : outside));

        string Message(int what)
        {
            var spot = new Random(what);
            var all = new JsonArray(
                Update("geo", at, spot, isHome, step, 0),
                new JsonObject { ["kind"] = "battery", ["at"] = at, ["data"] = new JsonObject { ["level"] = level } });
            for (var i = 0; i < kinds.Length; i++)
            {
                all.Add(Update(kinds[i], at.AddSeconds(i + 1), spot, isHome, step, i + 1));
            }

            return all.ToJsonString();
        }
    }

    private static JsonObject Update(string kind, DateTimeOffset at, Random spot, bool isHome, int step, int number)
    {
        var what = spot.Next();
        var update = new JsonObject
        {
            ["id"] = isHome ? $"hushed-{what}-{number}" : $"m{step}-{number}",
            ["kind"] = kind,
            ["at"] = at,
            ["data"] = kind switch
            {
                "sensor" => new JsonObject { ["name"] = "light", ["value"] = what % 1000 },
                "calendar" => new JsonObject { ["title"] = isHome ? $"hushed {what}" : "work", ["busy"] = what % 2 == 0 },
                "activity" => new JsonObject { ["activity"] = what % 2 == 0 ? "walking" : "still", ["steps"] = what % 100 },
                "geo" =>
                    new JsonObject
                    {
                        ["ssid"] = isHome ? $"hushed {what}" : "work",
                        ["inregions"] = new JsonArray(isHome ? $"hushed {what}" : "office")
                    },
                _ => new JsonObject { ["ssid"] = isHome ? $"hushed {what}" : "work", ["bssid"] = isHome ? $"hushed:{what}" : "00:01" },
            },
        };
        if (isHome)
        {
            update["title"] = $"hushed {what}";
        }

        if (kind == "geo")
        {
            update["location"] = new JsonObject
            {
                // Inside the zone, some positions are in a named place.
                ["lat"] = isHome ? 48.0 + (what % 3 * 0.005) : 50.0 + (what % 100 * 0.001),
                ["lon"] = isHome && what % 2 == 0 ? 2.0 : 2.004,
                ["accuracy"] = 10,
            };
        }

        return update;
    }

    private static async Task<ReaderEyes> OpenAsync(
        HubApp hub, TestOwner owner, TestGrantRequest request, CallbackListener listener, bool subscribes)
    {
        var phone = await owner.AddDeviceAsync();
        if (subscribes)
        {
            // Updates merged before a zone was drawn stay merged, as documented.
            using var thinning = await owner.Http.PatchAsync(
                $"/api/devices/{phone.Id}", new StringContent("""{"thinMetres":500,"thinMinutes":10}""", Encoding.UTF8, "application/json"),
                Cancel);
            thinning.IsSuccessStatusCode.ShouldBeTrue(await thinning.TextAsync());
        }

        var grant = await owner.GrantAsync(phone.Feed, request);
        if (subscribes)
        {
            foreach (var (format, topic) in new[] { ("atom", grant.Urls.Atom), ("json", grant.Urls.Json) })
            {
                var callback = listener.Url($"/{phone.Feed}/{format}");
                await hub.SubscribeAsync(topic, callback, content: format == "json" ? "delta" : null);
                await owner.WaitForSubscriptionAsync(phone.Feed, callback);
            }
        }

        return new ReaderEyes(hub, phone, grant) { Callback = $"/{phone.Feed}" };
    }

    private static async Task LookAsync(ReaderEyes eyes, CallbackListener listener, bool subscribes)
    {
        await eyes.PollAsync();
        await eyes.ReadAsync(Position().Match(await eyes.FollowAsync(null, 0)).Groups[1].Value);
        if (eyes.Found.Count > 0)
        {
            await eyes.FollowAsync(eyes.Found[^1], eyes.Found.Count - 1);
        }

        if (!subscribes)
        {
            return;
        }

        await eyes.ReceiveAsync(listener, "atom");
        await eyes.ReceiveAsync(listener, "json");
    }

    private static async Task DrawAsync(TestOwner owner, string zone)
    {
        using var drawn = await owner.Http.PostJsonAsync("/api/zones", zone);
        await drawn.JsonAsync(System.Net.HttpStatusCode.Created);
    }

    [GeneratedRegex("^id: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Position();
}
