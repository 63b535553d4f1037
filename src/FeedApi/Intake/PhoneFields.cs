using System.Text;
using ActivityHub.FeedApi.Intake.Parsing;
using Microsoft.AspNetCore.WebUtilities;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// The named texts of a query and a form. Where a name occurs several times, the last value counts; the form comes after the query.
/// </summary>
internal sealed class PhoneFields
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<KeyValuePair<string, string>> _pairs = [];

    public IReadOnlyDictionary<string, string> All => _values;

    public int Count => _values.Count;

    /// <summary>The error where the message has more fields than the hub reads; null otherwise.</summary>
    public string? Excess { get; private set; }

    public static PhoneFields Read(string query, ReadOnlyMemory<byte> form)
    {
        var fields = new PhoneFields();
        fields.Add(query);
        if (!form.IsEmpty)
        {
            fields.Add(Encoding.UTF8.GetString(form.Span));
        }

        return fields;
    }

    /// <summary>
    /// Returns the first named field with a text: not empty, and not the word null, which some apps write for an unknown value.
    /// </summary>
    public string? Text(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var text) && !string.IsNullOrWhiteSpace(text) &&
                !text.Equals("null", StringComparison.OrdinalIgnoreCase))
            {
                return text.Trim().Replace('\0', '\uFFFD');
            }
        }

        return null;
    }

    /// <summary>Returns every text of a name that may occur several times, in order.</summary>
    public IEnumerable<string> Every(string name) =>
        _pairs.Where(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(pair.Value))
            .Select(pair => pair.Value.Trim().Replace('\0', '\uFFFD'));

    public double? Number(params ReadOnlySpan<string> names) => Numbers.Parse(Text(names));

    private void Add(string text)
    {
        foreach (var pair in new QueryStringEnumerable(text.Trim()))
        {
            if (_pairs.Count == MessageBounds.MostElements)
            {
                Excess = MessageBounds.TooMany("fields");
                return;
            }

            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            _values[name] = value;
            _pairs.Add(new(name, value));
        }
    }
}
