namespace ActivityHub.Phones.CommandLine;

/// <summary>One option of a verb.</summary>
/// <param name="Name">The name as typed, with its dashes: <c>--hub</c>.</param>
/// <param name="Value">The placeholder of the value in the help, such as <c>URL</c>; null for a flag, which has no value.</param>
/// <param name="Help">One line for the help.</param>
/// <param name="Many">True if all words up to the next option belong to it.</param>
internal sealed record Option(string Name, string? Value, string Help, bool Many = false);
