namespace ActivityHub.Web;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Index">Which update of the body, from 0; null where it is not about one.</param>
/// <param name="Path">The member (<c>location.lat</c>) or the query parameter; empty for the whole.</param>
/// <param name="Detail">What was found, and what to send instead. Never repeats a key.</param>
public readonly record struct Fault(int? Index, string Path, string Detail)
{
    public Fault(string path, string detail)
        : this(null, path, detail)
    {
    }
}
