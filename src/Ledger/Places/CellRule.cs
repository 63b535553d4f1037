
namespace ActivityHub.Ledger.Places;

/// <summary>
/// When a phone is shown in a new cell: once it is clearly beyond the border of the old one. A phone that lies still next to a border is found now on this side and now on
/// the other, and how often on which would tell how far the border is. Pure.
/// </summary>
internal static class CellRule
{
    private const double OfCell = 0.1;

    // Six standard deviations of the noise where the accuracy is that of one, and of the two dimensions; phones call themselves more exact than they are.
    private const double OfAccuracy = 3;
    private const double BestAccuracy = 15;

    // Noise that is wider than the cells cannot be held within one of them; a phone that moves must not stay behind for it.
    private const double MostCells = 2;

    /// <summary>The cells of a place that is seen after the last one.</summary>
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

    /// <summary>How far beyond the border is clearly beyond, in metres.</summary>
    private static double Margin(Precision precision, double? accuracy)
    {
        var height = PlaceGrid.HeightOf(precision);
        return Math.Clamp(OfAccuracy * Math.Max(accuracy ?? BestAccuracy, BestAccuracy), OfCell * height, MostCells * height);
    }
}
