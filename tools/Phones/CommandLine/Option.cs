namespace ActivityHub.Phones.CommandLine;

/// <summary>One option that a verb takes.</summary>
/// <param name="Name">As typed, with its dashes: <c>--hub</c>.</param>
/// <param name="Value">What stands for the value in the help, such as <c>URL</c>; null for a flag, which takes none.</param>
/// <param name="Help">One line for the help.</param>
/// <param name="Many">True when all words up to the next option belong to it.</param>
internal sealed record Option(string Name, string? Value, string Help, bool Many = false);
