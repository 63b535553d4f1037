namespace ActivityHub.TestKit;

/// <summary>A list as the API gives it.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
