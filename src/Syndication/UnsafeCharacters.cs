using System.Buffers;

namespace ActivityHub.Syndication;

/// <summary>The characters at which a writer of text from outside has to stop and think; all others are copied.</summary>
internal static class UnsafeCharacters
{
    /// <summary>Markup, everything below U+0020, and what may not be an XML 1.0 character (§2.2).</summary>
    public static readonly SearchValues<char> InXml = SearchValues.Create(['"', .. Everywhere()]);

    /// <summary>
    /// What a script, HTML, XML or a terminal would act upon. Valid JSON has them in strings alone (line breaks and tabs aside), where
    /// an escape means the same.
    /// </summary>
    public static readonly SearchValues<char> InJson = SearchValues.Create([.. Everywhere(), .. OfScripts()]);

    /// <summary>Those, and what ends a JSON string.</summary>
    public static readonly SearchValues<char> InJsonString = SearchValues.Create(['"', '\\', .. Everywhere(), .. OfScripts()]);

    /// <summary>Surrogates are among them because only a pair is a character.</summary>
    private static IEnumerable<char> Everywhere() =>
        [.. Between('\0', '\u001F'), '<', '>', '&', .. Between('\uD800', '\uDFFF'), '\uFFFE', '\uFFFF'];

    private static IEnumerable<char> OfScripts() => [.. Between('\u007F', '\u009F'), '\u2028', '\u2029'];

    private static IEnumerable<char> Between(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
