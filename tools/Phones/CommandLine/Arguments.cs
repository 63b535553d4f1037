using System.Globalization;

namespace ActivityHub.Phones.CommandLine;

/// <summary>
/// The words after a verb, parsed by the options of that verb. Reading never throws: each wrong or missing value becomes a fault that says
/// what to give instead, so that all faults are reported at once.
/// </summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly List<string> _files = [];

    private Arguments() { }

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The words that are not options, in their order.</summary>
    public IReadOnlyList<string> Files => _files;

    public bool WantsHelp { get; private set; }

    public static Arguments Parse(Verb verb, IReadOnlyList<string> words)
    {
        var arguments = new Arguments();
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] is "--help" or "-h")
            {
                arguments.WantsHelp = true;
            }
            else if (words[i].StartsWith("--", StringComparison.Ordinal))
            {
                i = arguments.TakeOption(verb, words, i);
            }
            else if (verb.Files is not null)
            {
                arguments._files.Add(words[i]);
            }
            else
            {
                arguments._faults.Add($"'{words[i]}' is not expected: {verb.Name} takes options only");
            }
        }

        return arguments;
    }

    public bool Flag(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.TryGetValue(name, out var values) ? values[^1] : null;

    public IReadOnlyList<string> Texts(string name) => _values.TryGetValue(name, out var values) ? values : [];

    public string RequiredText(string name, string what)
    {
        if (Text(name) is { Length: > 0 } text)
        {
            return text;
        }

        _faults.Add($"{name} is missing: give {what}");
        return "";
    }

    /// <summary>
    /// Reads an absolute http or https URL. Returns null with a fault if it is invalid, or missing although required; null without a fault
    /// if it is optional and absent.
    /// </summary>
    public Uri? Url(string name, bool required = true)
    {
        if (Text(name) is not { } text)
        {
            if (required)
            {
                _faults.Add($"{name} is missing: give an address such as http://localhost:8080");
            }

            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        _faults.Add($"{name} '{text}' is not an address: give one that begins with http:// or https://");
        return null;
    }

    public int Whole(string name, int absent, int least, int most) => (int)(OptionalWhole(name, least, most) ?? absent);

    public long? OptionalWhole(string name, long least, long most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
        )
        {
            return number;
        }

        _faults.Add($"{name} '{text}' is not a whole number from {least} to {most}");
        return null;
    }

    /// <summary>Reads a number above zero; the decimal separator is a point.</summary>
    public double? Positive(string name, double most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most)
        {
            return number;
        }

        _faults.Add($"{name} '{text}' is not a number above 0 and up to {most.ToString(CultureInfo.InvariantCulture)}");
        return null;
    }

    public TimeSpan? Seconds(string name, double most = 10 * 24 * 3600) =>
        Positive(name, most) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public void Fault(string fault) => _faults.Add(fault);

    private int TakeOption(Verb verb, IReadOnlyList<string> words, int at)
    {
        var equals = words[at].IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? words[at] : words[at][..equals];
        var option = verb.Options.FirstOrDefault(each => each.Name == name);
        if (option is null)
        {
            _faults.Add($"{name} is not an option of {verb.Name}: see {verb.Name} --help");
            // The word after an unknown option is most likely its value; a second fault about it would only confuse.
            return equals < 0 && verb.Files is null && at + 1 < words.Count && !IsOption(words[at + 1]) ? at + 1 : at;
        }

        if (_values.ContainsKey(name) && !option.Many)
        {
            _faults.Add($"{name} is given twice: give it once");
        }

        var taken = _values.TryGetValue(name, out var known) ? known : _values[name] = [];
        if (option.Value is null)
        {
            if (equals >= 0)
            {
                _faults.Add($"{name} takes no value");
            }

            return at;
        }

        if (equals >= 0)
        {
            taken.Add(words[at][(equals + 1)..]);
            return at;
        }

        var last = at;
        while (last + 1 < words.Count && !IsOption(words[last + 1]) && (option.Many || last == at))
        {
            taken.Add(words[++last]);
        }

        if (last == at)
        {
            _faults.Add($"{name} needs a value: {name} {option.Value}");
            if (taken.Count == 0)
            {
                _values.Remove(name);
            }
        }

        return last;
    }

    private static bool IsOption(string word) => word.StartsWith("--", StringComparison.Ordinal) || word == "-h";
}
