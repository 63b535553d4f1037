using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Reads texts that every database can store and every document can contain.</summary>
internal static class Texts
{
    /// <summary>
    /// Returns the text; null where the value is no text, is empty, or contains half of a surrogate pair, which UTF-8 cannot represent.
    /// </summary>
    public static string? Of(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.String } text)
        {
            return null;
        }

        try
        {
            return text.GetString() is { Length: > 0 } found ? found.Replace('\0', '\uFFFD') : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Cuts a text to this length, never within a surrogate pair.</summary>
    public static string? Clip(string? text, int most)
    {
        if (text is null || text.Length <= most)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    /// <summary>Returns a member of an object; null where it is absent or null, or where the value is not an object.</summary>
    public static JsonElement? Member(this JsonElement? value, string name)
    {
        try
        {
            return value is { ValueKind: JsonValueKind.Object } item && item.TryGetProperty(name, out var member) &&
                member.ValueKind != JsonValueKind.Null ? member : null;
        }
        catch (InvalidOperationException)
        {
            // Another name in the object contains half of a surrogate pair: the names are compared one by one.
            return value!.Value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null && IsNamed(member, name))
                .Select(member => (JsonElement?)member.Value).LastOrDefault();
        }
    }

    public static JsonElement? Member(this JsonElement value, string name) => Member((JsonElement?)value, name);

    /// <summary>Whether the object has this member, even if its value is null.</summary>
    public static bool Has(this JsonElement value, string name)
    {
        try
        {
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out _);
        }
        catch (InvalidOperationException)
        {
            return value.EnumerateObject().Any(member => IsNamed(member, name));
        }
    }

    // Compared in escaped form: to unescape half of a surrogate pair would cost an exception for each name, and the names searched for need
    // no escape.
    private static bool IsNamed(JsonProperty member, string name) =>
        Encoding.UTF8.GetBytes(name).AsSpan().SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(member));
}
