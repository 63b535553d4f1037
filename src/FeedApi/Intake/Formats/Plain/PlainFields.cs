using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.Plain;

/// <summary>
/// The named values of one message: members of an object, or fields of a query and a form. Values that are not read by name become the
/// update's data.
/// </summary>
internal sealed class PlainFields
{
    private static readonly HashSet<string> PhoneIds = new(
        StringComparer.OrdinalIgnoreCase) { "androidId", "android_id", "serial", "serialNumber", "imei" };

    private readonly Dictionary<string, (string? Text, JsonElement? Json)> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public PlainFields(PhoneFields fields)
    {
        foreach (var name in fields.All.Keys)
        {
            if (fields.Text(name) is { } text)
            {
                _values[name] = (text, null);
            }
        }
    }

    /// <exception cref="InvalidOperationException">A name holds half of a surrogate pair.</exception>
    private PlainFields(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                _values[member.Name.Replace('\0', '\uFFFD')] = (Texts.Of(member.Value), member.Value);
            }
        }
    }

    public int Count => _values.Count;

    /// <summary>Returns the fields; null where a name contains half of a surrogate pair.</summary>
    public static PlainFields? TryRead(JsonElement json)
    {
        try
        {
            return new PlainFields(json);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public string? Text(params ReadOnlySpan<string> names) =>
        Take(names, (text, json) => text ?? (json is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : null));

    public double? Number(params ReadOnlySpan<string> names) =>
        Take(names, (text, json) => json is null ? Numbers.Parse(text) : Numbers.Of(json));

    public bool? Flag(params ReadOnlySpan<string> names) =>
        Take(names, (text, json) => json is null ? Numbers.Flag(text) : Numbers.Flag(json));

    public DateTimeOffset? Time(params ReadOnlySpan<string> names) =>
        Take(names, (text, json) => json is null ? Times.Parse(text) : Times.Of(json));

    /// <summary>
    /// Whether one of the names has a value that could be a time: a text or a number. An app that does not know the time leaves the value
    /// empty, or uses the name for an object of its own.
    /// </summary>
    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var value) && value is { Text: not null } or { Json.ValueKind: JsonValueKind.Number })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns a pair of degrees from one value: <c>48.85,2.29</c>, an array of two, or an object with lat and lon.</summary>
    public (double? Lat, double? Lon) Pair(params ReadOnlySpan<string> names) => Take<(double?, double?)?>(names, ReadPair) ?? (null, null);

    /// <summary>Writes the values that were not read, as an update's data.</summary>
    /// <param name="keepsPhoneIds">Whether identifiers of the phone are kept. The phone could be recognized elsewhere by them, and
    /// templates of apps contain them.</param>
    public DataText Rest(bool keepsPhoneIds = false)
    {
        var data = new DataText();
        foreach (var (name, (text, json)) in _values)
        {
            if (!_taken.Contains(name) && name.Length <= 100 && (keepsPhoneIds || !PhoneIds.Contains(name)))
            {
                _ = json is { } element
                    ? data.Add(name, element)
                    : Numbers.Parse(text) is { } number ? data.Add(name, number) : data.Add(name, text);
            }
        }

        return data;
    }

    private static (double?, double?)? ReadPair(string? text, JsonElement? json)
    {
        if (json is { ValueKind: JsonValueKind.Array } array)
        {
            return array.GetArrayLength() >= 2 ? (Numbers.Of(array[0]), Numbers.Of(array[1])) : null;
        }

        if (json is { ValueKind: JsonValueKind.Object } item)
        {
            return (Numbers.Of(
                item.Member("lat") ?? item.Member("latitude")), Numbers.Of(
                    item.Member("lon") ?? item.Member("lng") ?? item.Member("longitude")));
        }

        return text?.Split(
            [',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var lat, var lon, ..] &&
            Numbers.Parse(lat) is { } first && Numbers.Parse(lon) is { } second ? (first, second) : null;
    }

    private T? Take<T>(ReadOnlySpan<string> names, Func<string?, JsonElement?, T?> read)
    {
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var value) && read(value.Text, value.Json) is { } found)
            {
                _taken.Add(name);
                return found;
            }
        }

        return default;
    }
}
