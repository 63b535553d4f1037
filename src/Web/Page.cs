namespace ActivityHub.Web;

/// <summary>A part of a list.</summary>
/// <param name="Items">In the order of the list.</param>
/// <param name="Next">Where the next part is; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
