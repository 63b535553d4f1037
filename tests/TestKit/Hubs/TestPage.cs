namespace ActivityHub.TestKit;

/// <summary>A page of a list from the API.</summary>
internal sealed record TestPage<T>(IReadOnlyList<T> Items, string? Next);
