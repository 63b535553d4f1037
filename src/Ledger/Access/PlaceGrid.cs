using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Fixed grids over the globe, one for each precision: whoever may not see a place exactly sees the centre of its cell. Always the same centre, so that
/// many readings of one place tell no more than one does; noise would average out. Rows are of equal height; each is cut into a whole number of
/// cells about as wide as they are high, so that a cell is no narrower in Tromsø than in Quito.
/// </summary>
public static class PlaceGrid
{
    /// <summary>Metres in a degree of latitude, on the sphere.</summary>
    public const double MetresPerDegree = 111_195;

    /// <summary>The cell in which a place lies; null where the precision shows none.</summary>
    /// <param name="lat">Degrees, WGS 84.</param>
    /// <param name="lon">Degrees, WGS 84.</param>
    /// <param name="precision">Not exact: there is no grid for that.</param>
    public static Place? CellOf(double lat, double lon, Precision precision) => RowsADegree(precision) is { } rows ? CellOf(lat, lon, rows) : null;

    /// <summary>How far two places are from each other, in metres: along the great circle.</summary>
    public static double Distance(double lat, double lon, double otherLat, double otherLon)
    {
        var (a, b) = (double.DegreesToRadians(lat), double.DegreesToRadians(otherLat));
        var (height, width) = (Math.Sin((b - a) / 2), Math.Sin(double.DegreesToRadians(otherLon - lon) / 2));
        var half = (height * height) + (Math.Cos(a) * Math.Cos(b) * width * width);
        return 2 * Math.Asin(Math.Min(1, Math.Sqrt(half))) * 180 / Math.PI * MetresPerDegree;
    }

    private static Place CellOf(double lat, double lon, double rowsADegree)
    {
        var row = Math.Min(Math.Floor((lat + 90) * rowsADegree), (180 * rowsADegree) - 1);
        var south = (row / rowsADegree) - 90;
        var middle = south + (0.5 / rowsADegree);
        var cells = Math.Max(1, Math.Round(360 * rowsADegree * Math.Cos(double.DegreesToRadians(middle))));
        // 180° and −180° are one meridian.
        var turned = (lon + 180) % 360;
        var cell = Math.Min(Math.Floor((turned < 0 ? turned + 360 : turned) / 360 * cells), cells - 1);
        return new Place(
            Math.Round(middle, 6), Math.Round(((cell + 0.5) / cells * 360) - 180, 6), Radius(south, 1 / rowsADegree, 360 / cells), null, null, null);
    }

    // To its farthest corner: of the side nearer to the equator, which is the longer one.
    private static double Radius(double south, double height, double width)
    {
        var nearest = south < 0 && south + height > 0 ? 0 : Math.Min(Math.Abs(south), Math.Abs(south + height));
        var across = Math.Min(width, 180) * Math.Cos(double.DegreesToRadians(nearest));
        return Math.Ceiling(Math.Sqrt((height * height) + (across * across)) / 2 * MetresPerDegree);
    }

    // A thousandth of a degree is 111 m.
    private static double? RowsADegree(Precision precision) => precision switch
    {
        Precision.HundredMetres => 1000,
        Precision.Kilometre => 100,
        Precision.TenKilometres => 10,
        _ => null,
    };
}
