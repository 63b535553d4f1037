namespace ActivityHub.Phones.CommandLine;

/// <summary>One verb of the program, with its options.</summary>
/// <param name="Files">The placeholder of the words after the verb in the help; null if the verb takes none.</param>
/// <param name="RunAsync">Does the work and returns the exit code; not called if the arguments have faults.</param>
internal sealed record Verb(
    string Name,
    string Summary,
    string? Files,
    IReadOnlyList<Option> Options,
    Func<Arguments, CommandContext, Task<int>> RunAsync
);
