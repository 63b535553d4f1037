using ActivityHub.Ledger.Places;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Access;

public sealed class PlaceGridTests
{
    [Property(MaxTest = 2000)]
    public void A_place_lies_within_the_radius_of_its_cell_and_the_centre_in_the_same_cell(int latSeed, int lonSeed, byte which)
    {
        var (lat, lon) = (latSeed % 90_000_000 / 1e6, lonSeed % 180_000_000 / 1e6);
        var precision = (Precision)(1 + (which % 3));
        var cell = PlaceGrid.CellOf(lat, lon, precision)!;

        PlaceGrid.Distance(lat, lon, cell.Lat, cell.Lon).ShouldBeLessThanOrEqualTo(cell.Accuracy!.Value + 1);
        PlaceGrid.CellOf(cell.Lat, cell.Lon, precision).ShouldBe(cell);
        Math.Abs(cell.Lat).ShouldBeLessThanOrEqualTo(90);
        Math.Abs(cell.Lon).ShouldBeLessThanOrEqualTo(180);
    }

    [Theory]
    [InlineData(52.52, 13.4)]
    [InlineData(-54.8, -68.3)]
    [InlineData(78.2, 15.6)]
    [InlineData(0, 0)]
    public void A_cell_is_about_as_large_as_it_is_called(double lat, double lon)
    {
        PlaceGrid.CellOf(lat, lon, Precision.HundredMetres)!.Accuracy!.Value.ShouldBeInRange(70, 90);
        PlaceGrid.CellOf(lat, lon, Precision.Kilometre)!.Accuracy!.Value.ShouldBeInRange(700, 900);
        PlaceGrid.CellOf(lat, lon, Precision.TenKilometres)!.Accuracy!.Value.ShouldBeInRange(7_000, 9_000);
    }

    [Theory]
    [InlineData(90, 0)]
    [InlineData(-90, 179.9999)]
    [InlineData(89.99999, -180)]
    [InlineData(12, 180)]
    public void Poles_and_the_date_line_have_cells_too(double lat, double lon)
    {
        foreach (var precision in new[] { Precision.HundredMetres, Precision.Kilometre, Precision.TenKilometres })
        {
            var cell = PlaceGrid.CellOf(lat, lon, precision)!;
            PlaceGrid.Distance(lat, lon, cell.Lat, cell.Lon).ShouldBeLessThanOrEqualTo(cell.Accuracy!.Value + 1);
        }
    }

    [Fact]
    public void Without_a_grid_there_is_no_cell()
    {
        PlaceGrid.CellOf(1, 2, Precision.None).ShouldBeNull();
        PlaceGrid.CellOf(1, 2, Precision.Exact).ShouldBeNull();
    }

    [Fact]
    public void Distances_are_those_of_the_globe()
    {
        PlaceGrid.Distance(52.52, 13.405, 48.8566, 2.3522).ShouldBeInRange(870_000, 885_000);
        PlaceGrid.Distance(0, 179.9995, 0, -179.9995).ShouldBeInRange(100, 120);
    }

    [Property(MaxTest = 500)]
    public void A_zone_covers_what_was_drawn_and_its_centre_is_not_home(int latSeed, int lonSeed, ushort size)
    {
        var (lat, lon) = (latSeed % 80_000 / 1e3, lonSeed % 180_000 / 1e3);
        var radius = PrivateZone.MinRadius + (size % 5_000);
        var zone = PrivateZone.Draw(1, "home", lat, lon, radius, DateTimeOffset.UnixEpoch);

        zone.Covers(lat, lon).ShouldBeTrue();
        foreach (var (north, east) in new[] { (1, 0), (-1, 0), (0, 1), (0, -1) })
        {
            var edge = radius * 0.99 / PlaceGrid.MetresPerDegree;
            zone.Covers(lat + (north * edge), lon + (east * edge / Math.Cos(double.DegreesToRadians(lat)))).ShouldBeTrue();
        }

        PlaceGrid.Distance(lat, lon, zone.Lat, zone.Lon).ShouldBeGreaterThan(15);
        zone.Radius.ShouldBeLessThanOrEqualTo((radius * 1.7) + 250);
    }
}
