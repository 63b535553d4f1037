
namespace ActivityHub.Ledger.Places;

/// <summary>
/// Decides when a phone is shown in a new cell: only once it is clearly beyond the border of the old one. The measured position of a phone
/// that does not move near a border changes sides at random, and the share of each side would reveal the distance to the border. Has no
/// side effects.
/// </summary>
internal static class CellRule
{
    private const double OfCell = 0.1;

    // Per side of the border; both sides together are six standard deviations of the noise, if the accuracy is one standard deviation over
    // both dimensions. Phones report a better accuracy than they have.
    private const double OfAccuracy = 3;
    private const double BestAccuracy = 15;

    // Limits the margin: noise wider than the cells cannot be kept within one cell, and a moving phone must not stay in an old cell because
    // of it.
    private const double MostCells = 2;

    /// <summary>Returns the cells of the next place after the last one.</summary>
    public static PlaceCells Next(SeenPlace? last, Place place)
    {
        return last is null
            ? default
            : new PlaceCells(Keep(Precision.HundredMetres), Keep(Precision.Kilometre), Keep(Precision.TenKilometres));

        long? Keep(Precision precision)
        {
            var kept = last.Cells.Of(precision) ?? PlaceGrid.NumberOf(last.Lat, last.Lon, precision)!.Value;
            return kept != PlaceGrid.NumberOf(place.Lat, place.Lon, precision) &&
                PlaceGrid.IsWithin(place.Lat, place.Lon, kept, precision, Margin(precision, place.Accuracy)) ? kept : null;
        }
    }

    /// <summary>Returns the distance beyond the border from which a place is clearly beyond it, in metres.</summary>
    private static double Margin(Precision precision, double? accuracy)
    {
        var height = PlaceGrid.HeightOf(precision);
        return Math.Clamp(OfAccuracy * Math.Max(accuracy ?? BestAccuracy, BestAccuracy), OfCell * height, MostCells * height);
    }
}
