
namespace ActivityHub.Ledger.Places;

/// <summary>
/// In which cell of each grid a place is shown, by the cell's number (<see cref="PlaceGrid.NumberOf"/>); null = the one in which it lies. Decided once, at the append.
/// </summary>
public readonly record struct PlaceCells(long? HundredMetres, long? Kilometre, long? TenKilometres)
{
    /// <summary>The cell for a precision; null also where that has no grid.</summary>
    public long? Of(Precision precision) => precision switch
    {
        Precision.HundredMetres => HundredMetres,
        Precision.Kilometre => Kilometre,
        Precision.TenKilometres => TenKilometres,
        _ => null,
    };
}
