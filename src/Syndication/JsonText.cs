using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActivityHub.Syndication;

/// <summary>
/// Writes text and JSON from outside so that the result is safe in a script, in HTML and in XML alike, whatever encoder the writer has:
/// markup, control characters, line separators and characters that XML forbids appear as <c>\u003c</c> and so on; all other text stays as
/// it is, in UTF-8.
/// </summary>
internal static class JsonText
{
    /// <summary>The settings of every writer of ours. Its checks cost time and know nothing that the tests do not.</summary>
    public static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    private const int MaxBytesPerChar = 6;

    public static void WriteText(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<char> text)
    {
        json.WritePropertyName(name);
        json.WriteTextValue(text);
    }

    public static void WriteTextValue(this Utf8JsonWriter json, ReadOnlySpan<char> text) => WriteEscaped(json, text, isText: true);

    /// <summary>A JSON value as it was stored, on one line: event streams and NDJSON give line breaks a meaning.</summary>
    public static void WriteJson(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<char> value)
    {
        json.WritePropertyName(name);
        WriteEscaped(json, value, isText: false);
    }

    public static void WriteTime(this Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> quoted = stackalloc byte[WireForms.MaxLength + 2];
        WriteQuoted(json, name, quoted, WireForms.Rfc3339(time, quoted[1..]));
    }

    public static void WriteUrn(this Utf8JsonWriter json, ReadOnlySpan<byte> name, Guid entryId)
    {
        Span<byte> quoted = stackalloc byte[WireForms.MaxLength + 2];
        WriteQuoted(json, name, quoted, WireForms.EntryUrn(entryId, quoted[1..]));
    }

    /// <summary>Nothing where there is no number, or one that JSON cannot say (a phone's <c>1e999</c> is read as infinity).</summary>
    public static void WriteNumberIfAny(this Utf8JsonWriter json, ReadOnlySpan<byte> name, double? number)
    {
        if (number is { } value && double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }

    private static void WriteQuoted(Utf8JsonWriter json, ReadOnlySpan<byte> name, Span<byte> quoted, int length)
    {
        quoted[0] = quoted[length + 1] = (byte)'"';
        json.WritePropertyName(name);
        json.WriteRawValue(quoted[..(length + 2)], skipInputValidation: true);
    }

    private static void WriteEscaped(Utf8JsonWriter json, ReadOnlySpan<char> text, bool isText)
    {
        var size = (text.Length * MaxBytesPerChar) + 2;
        byte[]? rented = null;
        var utf8 = size <= 1024 ? stackalloc byte[1024] : rented = ArrayPool<byte>.Shared.Rent(size);
        var written = 0;
        if (isText)
        {
            utf8[written++] = (byte)'"';
        }

        written += Escape(text, utf8[written..], isText);
        if (isText)
        {
            utf8[written++] = (byte)'"';
        }

        json.WriteRawValue(utf8[..written], skipInputValidation: true);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int Escape(ReadOnlySpan<char> text, Span<byte> utf8, bool isText)
    {
        var suspects = isText ? UnsafeCharacters.InJsonString : UnsafeCharacters.InJson;
        var written = 0;
        while (true)
        {
            var plain = text.IndexOfAny(suspects);
            written += Encoding.UTF8.GetBytes(plain < 0 ? text : text[..plain], utf8[written..]);
            if (plain < 0)
            {
                return written;
            }

            text = text[plain..];
            var consumed = 1;
            if (char.IsHighSurrogate(text[0]) && text.Length > 1 && char.IsLowSurrogate(text[1]))
            {
                consumed = 2;
                written += Encoding.UTF8.GetBytes(text[..2], utf8[written..]);
            }
            else
            {
                written += EscapeOne(text[0], utf8[written..], isText);
            }

            text = text[consumed..];
        }
    }

    private static int EscapeOne(char suspect, Span<byte> utf8, bool isText)
    {
        var brief = suspect switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\n' => "\\n"u8,
            '\r' => "\\r"u8,
            '\t' => "\\t"u8,
            _ when char.IsSurrogate(suspect) => "\uFFFD"u8,
            _ => default,
        };
        if (brief.IsEmpty)
        {
            "\\u"u8.CopyTo(utf8);
            ((int)suspect).TryFormat(utf8[2..], out _, "x4");
            return MaxBytesPerChar;
        }

        // Outside a string they are white space that no token needs.
        if (!isText && suspect is '\n' or '\r' or '\t')
        {
            return 0;
        }

        brief.CopyTo(utf8);
        return brief.Length;
    }
}
