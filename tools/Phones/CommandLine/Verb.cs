namespace ActivityHub.Phones.CommandLine;

/// <summary>One thing that the program can do, with the options that it takes.</summary>
/// <param name="Files">What stands for the plain words after the verb in the help; null when it takes none.</param>
/// <param name="RunAsync">Does the work and gives the exit code; not called when the arguments have faults.</param>
internal sealed record Verb(
    string Name,
    string Summary,
    string? Files,
    IReadOnlyList<Option> Options,
    Func<Arguments, CommandContext, Task<int>> RunAsync
);
