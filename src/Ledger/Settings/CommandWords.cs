namespace ActivityHub.Ledger.Settings;

/// <summary>
/// The words of a command line: settings, switches and plain words. They are parsed here, because the configuration would take the word
/// after an unknown switch as its value.
/// </summary>
/// <param name="Settings">The settings, as <c>--Name=value</c> for the configuration.</param>
/// <param name="Switches">The given switches without their dashes; the comparison ignores case.</param>
/// <param name="Plain">The words without dashes, in order.</param>
/// <param name="Faults">The faults, each in one line.</param>
public sealed record CommandWords(
    IReadOnlyList<string> Settings, IReadOnlySet<string> Switches, IReadOnlyList<string> Plain, IReadOnlyList<string> Faults)
{
    /// <param name="words">The words of the command line.</param>
    /// <param name="switches">The names that take no value, without their dashes.</param>
    /// <param name="known">The program's settings. A name without a value that is not among them is reported as unknown.</param>
    public static CommandWords Read(IReadOnlyList<string> words, IReadOnlyCollection<string> switches, KnownSettings known)
    {
        var (settings, found, plain, faults) = (
            new List<string>(), new HashSet<string>(StringComparer.OrdinalIgnoreCase), new List<string>(), new List<string>());
        for (var at = 0; at < words.Count; at++)
        {
            var word = words[at];
            var name = word.TrimStart('-');
            if (word is "-h" or "-?")
            {
                found.Add("help");
            }
            else if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                (word.Contains('=', StringComparison.Ordinal) && !word.StartsWith('-') ? settings : plain).Add(word);
            }
            else if (name.Contains('=', StringComparison.Ordinal))
            {
                settings.Add(word);
            }
            else if (switches.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                found.Add(name);
            }
            else if (at + 1 < words.Count && !words[at + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings.Add($"{word}={words[++at]}");
            }
            else if (known.Find(name) is null && Nearest(name, switches) is { } near)
            {
                faults.Add($"there is no {word}; did you mean --{near}?");
            }
            else
            {
                faults.Add(known.Find(name) is null ? SettingsCheck.Unknown($"--{name}", name, known) : $"{word} needs a value: {word} …");
            }
        }

        return new CommandWords(settings, found, plain, faults);
    }

    private static string? Nearest(string name, IEnumerable<string> switches) =>
        switches.FirstOrDefault(one => EditDistance.Between(one, name.ToLowerInvariant()) <= 2);
}
