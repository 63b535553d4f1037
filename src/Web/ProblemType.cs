namespace ActivityHub.Web;

/// <summary>A kind of problem document, as the catalogue <see cref="ProblemTypes"/> lists it and docs/problems.md explains it.</summary>
/// <param name="Name">The last part of its <c>type</c>.</param>
/// <param name="Status">The status that it has unless the problem says another.</param>
/// <param name="Title">The same for all problems of the type.</param>
public sealed record ProblemType(string Name, int Status, string Title)
{
    /// <summary>The value of <c>type</c>.</summary>
    public string Urn { get; } = "urn:activity-hub:problem:" + Name;

    /// <summary>Creates a problem of this type.</summary>
    /// <param name="detail">The value found, the value expected, and what to do. Never repeats a key.</param>
    public Problem With(string detail) => new(this, detail);
}
