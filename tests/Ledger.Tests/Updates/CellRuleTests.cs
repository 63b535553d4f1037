using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Updates;

/// <summary>Tests the cell that is shown for a phone that lies still next to a border, and for a moving phone.</summary>
public sealed class CellRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly Precision[] Grids = [Precision.HundredMetres, Precision.Kilometre, Precision.TenKilometres];

    // If the cell changed with each fix, a reader could count the fixes on each side of a border and compute the phone's distance from it
    // (4 m for a real 3 m), at a corner in both directions.
    [Theory]
    [InlineData(48.0, 2.0, "a border of rows")]
    [InlineData(48.0, 2.0, "a border of columns")]
    [InlineData(48.0, 2.0, "a corner")]
    [InlineData(-33.9, 151.2, "a corner")]
    [InlineData(0.0, 0.0, "a corner")]
    [InlineData(69.6, 18.9, "a corner")]
    [InlineData(12.0, 180.0, "a corner")]
    [InlineData(89.9999, 10.0, "a corner")]
    [InlineData(-89.9999, 10.0, "a border of columns")]
    public void A_phone_that_lies_still_three_metres_from_a_border_is_in_one_cell(double lat, double lon, string where)
    {
        foreach (var precision in Grids)
        {
            for (var seed = 0; seed < 10; seed++)
            {
                var (stillLat, stillLon) = NextTo(lat, lon, precision, where);
                var random = new Random(seed);
                var fixes = Enumerable.Range(0, 200).Select(
                    _ => Near(stillLat, stillLon, Noise(random) * 8, Noise(random) * 8, accuracy: seed % 2 == 0 ? null : 8)).ToArray();
                if (Math.Abs(lat) < 89)
                {
                    fixes.Select(place => PlaceGrid.NumberOf(place.Lat, place.Lon, precision)).Distinct().Count()
                        .ShouldBeGreaterThan(1, $"{precision} {where}: this test must be at a border");
                }

                Cells(fixes, precision).Distinct().ShouldHaveSingleItem($"{precision}, {where} at {lat} {lon}, seed {seed}");
            }
        }
    }

    [Fact]
    public void A_phone_that_moves_is_shown_in_the_cell_in_which_it_is_once_it_is_clearly_there()
    {
        foreach (var precision in Grids)
        {
            var height = PlaceGrid.HeightOf(precision);
            var fixes = Enumerable.Range(0, 100).Select(step => Near(48, 2, step * height / 10, step * height / 10, accuracy: 5)).ToArray();

            var cells = Cells(fixes, precision);

            for (var i = 0; i < fixes.Length; i++)
            {
                PlaceGrid.IsWithin(fixes[i].Lat, fixes[i].Lon, cells[i], precision, Math.Max(height / 10, 45)).ShouldBeTrue();
            }

            cells.Distinct().Count().ShouldBeGreaterThan(8);
        }
    }

    [Property(MaxTest = 500)]
    public void No_place_is_shown_farther_away_than_its_noise_or_a_tenth_of_a_cell((int Lat, int Lon, byte Accuracy)[] seen)
    {
        foreach (var precision in Grids)
        {
            var fixes = seen.Select(one => new Place(one.Lat % 90_000 / 1000.0, one.Lon % 180_000 / 1000.0, one.Accuracy, null, null, null))
                .ToArray();
            var cells = Cells(fixes, precision);
            for (var i = 0; i < fixes.Length; i++)
            {
                var height = PlaceGrid.HeightOf(precision);
                PlaceGrid.IsWithin(
                    fixes[i].Lat, fixes[i].Lon, cells[i], precision,
                    Math.Clamp(3 * Math.Max(15, fixes[i].Accuracy!.Value), height / 10, height * 2)).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public void What_is_older_than_the_newest_or_ahead_of_its_receipt_changes_nothing()
    {
        var (lat, lon) = NextTo(48, 2, Precision.Kilometre, "a border of rows");
        var inside = Near(lat, lon, -10, 0, 5);
        var beyond = Near(lat, lon, 20, 0, 5);
        var first = new PlaceWalk(default, [(Geo(inside, 0), Start)], Start);

        var late = new PlaceWalk(first.After, [(Geo(beyond, -5), Start.AddMinutes(-5))], Start);
        var ahead = new PlaceWalk(first.After, [(Geo(Near(lat, lon, 5_000, 0, 5), 1200), Start.AddMinutes(1200))], Start);
        var next = new PlaceWalk(ahead.After, [(Geo(beyond, 1), Start.AddMinutes(1))], Start.AddMinutes(1));

        late.After.ShouldBe(first.After);
        late.CellsOf(0).ShouldBe(default);
        ahead.After.ShouldBe(first.After);
        next.CellsOf(0).Kilometre.ShouldBe(PlaceGrid.NumberOf(inside.Lat, inside.Lon, Precision.Kilometre));
        next.After.Seen!.At.ShouldBe(Start.AddMinutes(1));
    }

    [Property(MaxTest = 300)]
    public void A_batch_comes_to_the_same_state_in_whatever_order((byte Minute, short North, short East)[] seen)
    {
        var updates = seen.DistinctBy(one => one.Minute)
            .Select(one => (Geo(Near(48, 2, one.North, one.East, 10), one.Minute), Start.AddMinutes(one.Minute))).ToArray();
        var shuffled = updates.ToArray();
        new Random(seen.Length).Shuffle(shuffled);

        var walk = new PlaceWalk(default, updates, Start.AddDays(1));
        var other = new PlaceWalk(default, shuffled, Start.AddDays(1));

        other.After.ShouldBe(walk.After);
        for (var i = 0; i < updates.Length; i++)
        {
            other.CellsOf(Array.IndexOf(shuffled, updates[i])).ShouldBe(walk.CellsOf(i));
        }

        FeedPlace.Read(walk.After.ToBytes()).ShouldBe(walk.After);
    }

    // One fix per request, as a phone sends them.
    private static long[] Cells(Place[] fixes, Precision precision)
    {
        var state = default(FeedPlace);
        return
        [
            .. fixes.Select((place, i) =>
            {
                var walk = new PlaceWalk(FeedPlace.Read(state.ToBytes()), [(Geo(place, i), Start.AddMinutes(i))], Start.AddMinutes(i));
                state = walk.After;
                return walk.CellsOf(0).Of(precision) ?? PlaceGrid.NumberOf(place.Lat, place.Lon, precision)!.Value;
            }),
        ];
    }

    private static (double Lat, double Lon) NextTo(double lat, double lon, Precision precision, string where)
    {
        var rows = PlaceGrid.MetresPerDegree / PlaceGrid.HeightOf(precision);
        var south = (Math.Floor((lat + 90) * rows) / rows) - 90;
        var middle = south + (0.5 / rows);
        var cells = Math.Max(1, Math.Round(360 * rows * Math.Cos(double.DegreesToRadians(middle))));
        var west = (Math.Floor((lon + 180) / 360 * cells) / cells * 360) - 180;
        return where switch
        {
            "a border of rows" => (south - (3 / PlaceGrid.MetresPerDegree), west + (180 / cells)),
            "a border of columns" => (middle, Moved(middle, west, 3)),
            _ => (south + (3 / PlaceGrid.MetresPerDegree), Moved(south, west, 3)),
        };
    }

    private static Place Near(double lat, double lon, double north, double east, double? accuracy)
    {
        var seen = Math.Clamp(lat + (north / PlaceGrid.MetresPerDegree), -90, 90);
        return new Place(seen, Moved(lat, lon, east), accuracy, null, null, null);
    }

    private static double Moved(double lat, double lon, double east)
    {
        var turned = lon + (east / PlaceGrid.MetresPerDegree / Math.Max(1e-6, Math.Cos(double.DegreesToRadians(lat))));
        turned = ((turned + 180) % 360 + 360) % 360;
        return turned - 180;
    }

    private static double Noise(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());

    private static NewUpdate Geo(Place place, int minute) => new() { Kind = Kind.Geo, At = Start.AddMinutes(minute), Location = place };
}
