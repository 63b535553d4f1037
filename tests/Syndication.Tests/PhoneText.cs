using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ActivityHub.Syndication.Tests;

/// <summary>Anything that a phone might send as text, with more than its share of what breaks documents.</summary>
public sealed record PhoneText(string Value)
{
    /// <summary>What a document can hold of it: lone surrogates are no characters in any format.</summary>
    public string AsUnicode => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Value));

    /// <summary>What XML 1.0 can hold of it.</summary>
    public string AsXml =>
        string.Concat(
            AsUnicode.Select(
                character => character is < ' ' and not ('\t' or '\n' or '\r') or '\uFFFE' or '\uFFFF' ? '\uFFFD' : character));

    /// <summary>A JSON object that holds it as name and value with as few escapes as JSON allows.</summary>
    public string AsData
    {
        get
        {
            var text = string.Concat(AsUnicode.Select(character => character switch
            {
                '"' or '\\' => "\\" + character,
                < ' ' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            }));
            return $"{{ \"{text}\" :\r\n\t[\"{text}\", 1.50, null]}}";
        }
    }

    public override string ToString() =>
        string.Concat(Value.Select(character => character is >= ' ' and < '\u007F' ? character.ToString() : $"\\u{(int)character:x4}"));
}

public static class PhoneTexts
{
    private static readonly string[] Traps =
    [
        "]]>", "</script>", "<!--", "<![CDATA[", "&amp;", "&", "<", ">", "\"", "'", "\\", "\0", "\b", "\u000B", "\u001F", "\t", "\n", "\r",
        "\r\n", "\u007F", "\u0085", "\u2028", "\u2029", "\uFEFF", "\uFFFE", "\uFFFF", "\uD800", "\uDFFF", "\uDC00\uD800", "😀", "👩‍👩‍👧",
        "\U0001FFFE", "\u202Eevil\u202C", "שלום", "مرحبا", "é", " ",
    ];

    public static Arbitrary<PhoneText> Texts()
    {
        var trap = Gen.Elements(Traps);
        var character = Gen.Choose(0, 0xFFFF).Select(code => ((char)code).ToString());
        var word = Gen.Elements("a", "Lunch with Ana", "47 %", "x y");
        return Arb.From(Gen.OneOf(trap, character, word).ListOf().Select(parts => new PhoneText(string.Concat(parts))), Shrink);
    }

    private static IEnumerable<PhoneText> Shrink(PhoneText text) =>
        Enumerable.Range(0, text.Value.Length).Select(index => new PhoneText(text.Value.Remove(index, 1)));
}
