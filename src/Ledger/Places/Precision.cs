namespace ActivityHub.Ledger.Places;

/// <summary>The precision with which a reader may see a place.</summary>
public enum Precision
{
    Exact = 0,
    HundredMetres = 1,
    Kilometre = 2,
    TenKilometres = 3,
    None = 4,
}
