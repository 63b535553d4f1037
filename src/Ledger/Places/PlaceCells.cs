
namespace ActivityHub.Ledger.Places;

/// <summary>
/// The number of the cell in each grid in which a place is shown (<see cref="PlaceGrid.NumberOf"/>); null = the cell that contains the
/// place. Decided once, at the append.
/// </summary>
public readonly record struct PlaceCells(long? HundredMetres, long? Kilometre, long? TenKilometres)
{
    /// <summary>Returns the cell for a precision; null also if the precision has no grid.</summary>
    public long? Of(Precision precision) => precision switch
    {
        Precision.HundredMetres => HundredMetres,
        Precision.Kilometre => Kilometre,
        Precision.TenKilometres => TenKilometres,
        _ => null,
    };
}
