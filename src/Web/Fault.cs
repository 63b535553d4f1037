namespace ActivityHub.Web;

/// <summary>One fault of a request.</summary>
/// <param name="Index">The index of the update in the body, from 0; null where the fault is not about one update.</param>
/// <param name="Path">The member (<c>location.lat</c>) or the query parameter; empty for the whole.</param>
/// <param name="Detail">The value found, and what to send instead. Never repeats a key.</param>
public readonly record struct Fault(int? Index, string Path, string Detail)
{
    public Fault(string path, string detail)
        : this(null, path, detail)
    {
    }
}
