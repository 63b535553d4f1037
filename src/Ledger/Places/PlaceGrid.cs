
namespace ActivityHub.Ledger.Places;

/// <summary>
/// Fixed grids over the globe, one for each precision. A reader who may not see a place exactly sees the centre of its cell. The centre is
/// always the same, so many readings of one place reveal no more than one reading; random noise would average out. Near a border, the
/// append decides the cell, so that noise does not move a place to another cell. All rows have the same height. Each row is divided into a
/// whole number of cells about as wide as they are high, so a cell is no narrower in Tromsø than in Quito.
/// </summary>
public static class PlaceGrid
{
    /// <summary>Metres in a degree of latitude, on the sphere.</summary>
    public const double MetresPerDegree = 111_195;

    // A row of 100 m cells has 360,000 cells at the equator.
    private const int CellBits = 20;

    /// <summary>Returns the cell that contains a place; null if the precision shows no cell.</summary>
    /// <param name="lat">Degrees, WGS 84.</param>
    /// <param name="lon">Degrees, WGS 84.</param>
    /// <param name="precision">The precision; <see cref="Precision.Exact"/> has no grid.</param>
    public static Place? CellOf(double lat, double lon, Precision precision) =>
        NumberOf(lat, lon, precision) is { } number ? CellOf(number, precision) : null;

    /// <summary>
    /// Returns the number of the cell that contains a place, unique within a precision; null if the precision shows no cell.
    /// </summary>
    public static long? NumberOf(double lat, double lon, Precision precision)
    {
        if (RowsADegree(precision) is not { } rows)
        {
            return null;
        }

        var row = Math.Min(Math.Floor((lat + 90) * rows), (180 * rows) - 1);
        var cells = CellsOf(row, rows);
        // 180° and −180° are the same meridian.
        var turned = (lon + 180) % 360;
        var cell = Math.Min(Math.Floor((turned < 0 ? turned + 360 : turned) / 360 * cells), cells - 1);
        return ((long)row << CellBits) | (long)cell;
    }

    /// <summary>Returns a cell by its number, as centre and radius; null if the precision has no grid.</summary>
    public static Place? CellOf(long number, Precision precision)
    {
        if (RowsADegree(precision) is not { } rows)
        {
            return null;
        }

        var (row, cell) = Split(number);
        var cells = CellsOf(row, rows);
        return new Place(
            Math.Round(Middle(row, rows), 6), Math.Round(((cell + 0.5) / cells * 360) - 180, 6),
            Radius((row / rows) - 90, 1 / rows, 360 / cells), null, null, null);
    }

    /// <summary>Returns the height of the cells, in metres.</summary>
    /// <param name="precision">One that has a grid.</param>
    public static double HeightOf(Precision precision) => MetresPerDegree / RowsADegree(precision)!.Value;

    /// <summary>Whether a place is in a cell, or at most a given distance outside it, measured along its sides.</summary>
    /// <param name="lat">Degrees, WGS 84.</param>
    /// <param name="lon">Degrees, WGS 84.</param>
    /// <param name="number">The number of the cell.</param>
    /// <param name="precision">One that has a grid.</param>
    /// <param name="metres">The permitted distance outside the cell, in metres.</param>
    public static bool IsWithin(double lat, double lon, long number, Precision precision, double metres)
    {
        var rows = RowsADegree(precision)!.Value;
        var (row, cell) = Split(number);
        var width = 360 / CellsOf(row, rows);
        var north = Math.Max(0, Math.Abs(lat - Middle(row, rows)) - (0.5 / rows));
        var turned = Math.Abs(lon - (((cell + 0.5) * width) - 180)) % 360;
        var east = Math.Max(0, Math.Min(turned, 360 - turned) - (width / 2)) * Math.Cos(double.DegreesToRadians(lat));
        return north * MetresPerDegree <= metres && east * MetresPerDegree <= metres;
    }

    /// <summary>Returns the great-circle distance of two places, in metres.</summary>
    public static double Distance(double lat, double lon, double otherLat, double otherLon)
    {
        var (a, b) = (double.DegreesToRadians(lat), double.DegreesToRadians(otherLat));
        var (height, width) = (Math.Sin((b - a) / 2), Math.Sin(double.DegreesToRadians(otherLon - lon) / 2));
        var half = (height * height) + (Math.Cos(a) * Math.Cos(b) * width * width);
        return 2 * Math.Asin(Math.Min(1, Math.Sqrt(half))) * 180 / Math.PI * MetresPerDegree;
    }

    private static (double Row, double Cell) Split(long number) => (number >> CellBits, number & ((1L << CellBits) - 1));

    private static double Middle(double row, double rows) => (row / rows) - 90 + (0.5 / rows);

    private static double CellsOf(double row, double rows) =>
        Math.Max(1, Math.Round(360 * rows * Math.Cos(double.DegreesToRadians(Middle(row, rows)))));

    // The distance to the farthest corner, on the side nearer to the equator, which is the longer side.
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
