using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Places;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Places;

public sealed class PlaceRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(100, 99, 0, "Inside")]
    [InlineData(100, 101, 0, "Unclear")]
    [InlineData(100, 149, 0, "Unclear")]
    [InlineData(100, 151, 0, "Outside")]
    [InlineData(2000, 2199, 0, "Unclear")]
    [InlineData(2000, 2201, 0, "Outside")]
    [InlineData(100, 250, 400, "Unclear")]
    [InlineData(100, 301, 400, "Outside")]
    [InlineData(100, 10, 200, "Inside")]
    [InlineData(100, 10, 201, "Unclear")]
    [InlineData(2000, 10, 1900, "Inside")]
    public void Inside_is_within_the_radius_and_exactly_enough_outside_beyond_a_belt(
        double radius, double metres, double accuracy, string expected) =>
        PlaceRule.Of(Home(radius), At(metres, accuracy)).ToString().ShouldBe(expected);

    [Fact]
    public void A_phone_enters_once_and_leaves_once()
    {
        string?[] told = Walk([(0, 500), (1, 80), (2, 20), (3, 120), (4, 90), (5, 160), (6, 140), (7, 300), (8, 50)]);

        told.ShouldBe([null, "entered", null, null, null, "left", null, null, "entered"]);
    }

    [Fact]
    public void What_comes_late_changes_nothing()
    {
        Walk([(10, 0), (5, 5_000), (11, 0), (10, 5_000), (12, 5_000), (11, 0)]).ShouldBe(["entered", null, null, null, "left", null]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20 * 60)]
    [InlineData(365 * 24 * 60)]
    public void One_wrong_clock_decides_nothing_about_what_follows(int minutesAhead)
    {
        var (presence, _) = PlaceRule.Next(null, Home(100), Received(1, 1, 0));

        foreach (var metres in (double[])[0, 5_000])
        {
            var (after, told) = PlaceRule.Next(presence, Home(100), Received(2 + minutesAhead, 2, metres));
            after.ShouldBeSameAs(presence);
            told.ShouldBeNull();
        }

        (presence, var left) = PlaceRule.Next(presence, Home(100), Received(3, 3, 500));
        left.ShouldBe("left");
        PlaceRule.Next(presence, Home(100), Received(4, 4, 0)).Event.ShouldBe("entered");
    }

    [Fact]
    public void A_presence_that_a_wrong_clock_has_left_makes_nothing_late()
    {
        var poisoned = new Presence { FeedId = 1, IsInside = true, At = Start.AddHours(20) };

        var (presence, told) = PlaceRule.Next(poisoned, Home(100), Received(1, 1, 500));

        told.ShouldBe("left");
        presence!.At.ShouldBe(Start.AddMinutes(1));
    }

    [Fact]
    public void An_unknown_accuracy_counts_as_none() =>
        PlaceRule.Of(Home(100), new Place(48, 2, null, null, null, null)).ShouldBe(Whereabouts.Inside);

    [Property(MaxTest = 1000)]
    public void Whatever_a_phone_does_it_enters_and_leaves_by_turns_and_is_where_it_was_seen_last(
        (byte Minute, ushort Metres, byte Accuracy)[] seen)
    {
        var presence = default(Presence);
        var inside = false;
        foreach (var (minute, metres, accuracy) in seen)
        {
            var before = presence;
            var update = Update(minute, metres, accuracy);

            (presence, var told) = PlaceRule.Next(presence, Home(200), update);

            (told is null || told == (inside ? "left" : "entered")).ShouldBeTrue(told);
            inside = told switch { "entered" => true, "left" => false, _ => inside };
            (presence?.IsInside ?? false).ShouldBe(inside);
            (presence?.At ?? DateTimeOffset.MinValue).ShouldBeGreaterThanOrEqualTo(before?.At ?? DateTimeOffset.MinValue);
            if (!ReferenceEquals(before, presence))
            {
                presence!.IsInside.ShouldBe(PlaceRule.Of(Home(200), update.Location!) == Whereabouts.Inside);
            }
        }
    }

    [Property(MaxTest = 500)]
    public void A_phone_that_lies_at_the_edge_does_not_come_and_go(byte[] trembling)
    {
        // Within the belt of 50 metres, on either side of the radius.
        Walk([.. trembling.Select((step, i) => (i, 60.0 + (step % 85)))]).Count(told => told is not null).ShouldBeLessThanOrEqualTo(1);
    }

    private static string?[] Walk((int Minute, double Metres)[] seen)
    {
        var presence = default(Presence);
        return [.. seen.Select(one =>
        {
            (presence, var told) = PlaceRule.Next(presence, Home(100), Update(one.Minute, one.Metres, 0));
            return told;
        })];
    }

    private static FeedUpdate Update(int minute, double metres, double accuracy) =>
        new()
        {
            FeedId = 1,
            Kind = Kind.Geo,
            At = Start.AddMinutes(minute),
            Received = Start.AddDays(1),
            Lat = At(metres, accuracy).Lat,
            Lon = 2,
            Accuracy = accuracy
        };

    private static FeedUpdate Received(int minute, int received, double metres) =>
        new()
        {
            FeedId = 1,
            Kind = Kind.Geo,
            At = Start.AddMinutes(minute),
            Received = Start.AddMinutes(received),
            Lat = At(metres, 0).Lat,
            Lon = 2
        };

    private static NamedPlace Home(double radius) => NamedPlace.Draw(1, "Home", 48, 2, radius, Start);

    private static Place At(double metresNorth, double accuracy) =>
        new(48 + (metresNorth / PlaceGrid.MetresPerDegree), 2, accuracy, null, null, null);
}
