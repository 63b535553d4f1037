using System.Text;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Describes JSON text in faults, and checks surrogates, which .NET's reader does not check.</summary>
internal static class JsonWords
{
    private const int MaxClip = 40;

    public static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };

    /// <summary>Returns the beginning of the input, short enough for an error.</summary>
    public static string Clip(string? text)
    {
        if (text is null || text.Length <= MaxClip)
        {
            return text ?? "";
        }

        return text[..(char.IsHighSurrogate(text[MaxClip - 1]) ? MaxClip - 1 : MaxClip)] + "…";
    }

    public static string Clip(ReadOnlySpan<byte> ascii) => Clip(Encoding.ASCII.GetString(ascii[..Math.Min(ascii.Length, MaxClip + 1)]));

    /// <summary>
    /// Returns false where an escape is half of a surrogate pair. The text is the inside of a well-formed JSON string, as it was sent, and
    /// valid UTF-8: raw surrogates cannot occur.
    /// </summary>
    public static bool HasPairedSurrogates(ReadOnlySpan<byte> raw)
    {
        var high = false;
        while (true)
        {
            var escape = raw.IndexOf((byte)'\\');
            if (escape < 0)
            {
                return !high;
            }

            if (high && escape > 0)
            {
                return false;
            }

            raw = raw[escape..];
            if (raw[1] != (byte)'u')
            {
                if (high)
                {
                    return false;
                }

                raw = raw[2..];
                continue;
            }

            var isHigh = IsSurrogate(raw, (byte)'8', (byte)'b');
            if (high != IsSurrogate(raw, (byte)'c', (byte)'f'))
            {
                return false;
            }

            high = isHigh;
            raw = raw[6..];
        }
    }

    // \uD8xx to \uDBxx are high halves, \uDCxx to \uDFxx low ones.
    private static bool IsSurrogate(ReadOnlySpan<byte> escape, byte from, byte to)
    {
        // One bit makes a letter lower case; digits already have it.
        var second = (byte)(escape[3] | 0x20);
        return (escape[2] | 0x20) == 'd' && second >= from && second <= to;
    }
}
