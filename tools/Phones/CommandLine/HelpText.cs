using Spectre.Console;

namespace ActivityHub.Phones.CommandLine;

/// <summary>Writes the help of the program and of one verb.</summary>
internal static class HelpText
{
    public static void OfProgram(IAnsiConsole console, IReadOnlyList<Verb> verbs)
    {
        console.WriteLine("A fleet of phones, and a small subscriber, for any Activity Hub over HTTP.");
        console.WriteLine();
        console.WriteLine("usage: phones VERB [options]        phones VERB --help");
        console.WriteLine();
        foreach (var verb in verbs)
        {
            console.WriteLine($"  {verb.Name,-10} {verb.Summary}");
        }
    }

    public static void OfVerb(IAnsiConsole console, Verb verb)
    {
        console.WriteLine(verb.Summary);
        console.WriteLine();
        console.WriteLine($"usage: phones {verb.Name}{(verb.Files is null ? "" : " " + verb.Files)} [options]");
        console.WriteLine();
        foreach (var option in verb.Options)
        {
            console.WriteLine($"  {option.Name + (option.Value is null ? "" : " " + option.Value),-26} {option.Help}");
        }
    }
}
