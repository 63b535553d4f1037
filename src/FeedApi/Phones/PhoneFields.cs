using System.Text;
using ActivityHub.FeedApi.Phones.Reading;
using Microsoft.AspNetCore.WebUtilities;

namespace ActivityHub.FeedApi.Phones;

/// <summary>Named texts of a query and a form. Of one that stands twice, the body's and the last counts.</summary>
internal sealed class PhoneFields
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, string> All => _values;

    public int Count => _values.Count;

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

    /// <summary>The first of the names that has a text: not empty, and not the word null, as some write what they do not know.</summary>
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

    public double? Number(params ReadOnlySpan<string> names) => Numbers.Parse(Text(names));

    private void Add(string text)
    {
        foreach (var pair in new QueryStringEnumerable(text.Trim()))
        {
            _values[pair.DecodeName().ToString()] = pair.DecodeValue().ToString();
        }
    }
}
