using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.Phones.Simulation;
using FsCheck.Xunit;
using Shouldly;

namespace ActivityHub.Phones.Tests.Simulation;

public sealed partial class FleetTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 15, 30, TimeSpan.Zero);

    [Property(MaxTest = 20)]
    public void The_same_seed_makes_the_same_fleet(uint seed) => Tell(seed, 5, 200).ShouldBe(Tell(seed, 5, 200));

    [Fact]
    public void Another_seed_makes_another_fleet() => Tell(1, 5, 50).ShouldNotBe(Tell(2, 5, 50));

    // Fixed: a change here would break what somebody has written down with a seed.
    [Fact]
    public void Dice_are_fixed_for_ever() => new Dice(0).Next().ShouldBe(0xE220A8397B1DCDAFUL);

    [Property(MaxTest = 20)]
    public void Everything_that_a_phone_tells_is_within_the_contract(uint seed)
    {
        foreach (var json in Tell(seed, 3, 300))
        {
            ShouldBeValid(json);
        }
    }

    [Fact]
    public void Every_well_known_kind_is_told_and_ids_are_unique()
    {
        var updates = Tell(7, 4, 2000).Select(json => JsonDocument.Parse(json).RootElement).ToArray();

        updates
            .Select(update => update.GetProperty("kind").GetString())
            .Distinct()
            .Order()
            .ShouldBe(["activity", "battery", "calendar", "geo", "sensor"]);
        updates.Select(update => update.GetProperty("id").GetString()).Distinct().Count().ShouldBe(updates.Length);
    }

    [Fact]
    public void A_phone_moves_no_faster_than_its_vehicle_and_drains_and_charges()
    {
        var updates = Tell(11, 1, 6000).Select(json => JsonDocument.Parse(json).RootElement).ToArray();
        var statuses = updates
            .Where(update => Kind(update) == "battery")
            .Select(update => update.GetProperty("data").GetProperty("status").GetString());
        statuses.Distinct().ShouldContain("charging");
        statuses.Distinct().ShouldContain("discharging");

        var places = updates
            .Where(update => Kind(update) == "geo")
            .Select(update => (At: update.GetProperty("at").GetDateTimeOffset(), Place: update.GetProperty("location")))
            .ToArray();
        places.Select(place => place.Place.GetProperty("speed").GetDouble()).Distinct().Count().ShouldBeGreaterThan(10);
        for (var i = 1; i < places.Length; i++)
        {
            var metres =
                111_320 * Math.Abs(places[i].Place.GetProperty("lat").GetDouble() - places[i - 1].Place.GetProperty("lat").GetDouble());
            metres.ShouldBeLessThan((15 * (places[i].At - places[i - 1].At).TotalSeconds) + 1);
        }
    }

    private static List<string> Tell(uint seed, int phones, int updates)
    {
        var fleet = new Fleet(phones, seed);
        return [.. Enumerable.Range(0, updates).Select(i => Encoding.UTF8.GetString(fleet.Tell(Start.AddSeconds(i)).Update.ToJson()))];
    }

    private static void ShouldBeValid(string json)
    {
        json.ShouldNotContain("\n");
        Encoding.UTF8.GetByteCount(json).ShouldBeLessThanOrEqualTo(64 * 1024);
        var update = JsonDocument.Parse(json).RootElement;
        update.GetProperty("id").GetString()!.Length.ShouldBeInRange(1, 64);
        KindPattern().IsMatch(Kind(update)!).ShouldBeTrue();
        update.GetProperty("at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(Start);
        if (update.TryGetProperty("title", out var title))
        {
            title.GetString()!.Length.ShouldBeInRange(1, 200);
        }

        if (update.TryGetProperty("data", out var data))
        {
            data.ValueKind.ShouldBe(JsonValueKind.Object);
        }

        if (Kind(update) == "battery")
        {
            data.GetProperty("level").GetInt32().ShouldBeInRange(0, 100);
        }

        if (update.TryGetProperty("location", out var place))
        {
            place.GetProperty("lat").GetDouble().ShouldBeInRange(-90, 90);
            place.GetProperty("lon").GetDouble().ShouldBeInRange(-180, 180);
            place.GetProperty("accuracy").GetDouble().ShouldBeInRange(0, 100);
            place.GetProperty("speed").GetDouble().ShouldBeInRange(0, 40);
            place.GetProperty("heading").GetDouble().ShouldBeInRange(0, 359.95);
        }
    }

    private static string? Kind(JsonElement update) => update.GetProperty("kind").GetString();

    [GeneratedRegex("^[a-z0-9._-]{1,32}$")]
    private static partial Regex KindPattern();
}
