namespace ActivityHub.TestKit;

/// <summary>A list as the API gives it.</summary>
internal sealed record TestPage<T>(IReadOnlyList<T> Items, string? Next);
