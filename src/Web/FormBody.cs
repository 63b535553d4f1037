using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActivityHub.Web;

/// <summary>
/// The fields of a form-encoded body, decoded once and strictly: a callback is used exactly as it was given, so nothing may be replaced on
/// the way (WebSub §8.3).
/// </summary>
public sealed class FormBody
{
    public const int MaxBytes = 64 * 1024;
    private const int MaxFields = 1000;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, List<string>> _fields = new(StringComparer.Ordinal);

    public static bool TryParse(ReadOnlySpan<byte> body, [NotNullWhen(true)] out FormBody? form, [NotNullWhen(false)] out string? fault)
    {
        form = new FormBody();
        fault = null;
        var count = 0;
        while (body.Length > 0)
        {
            var end = body.IndexOf((byte)'&');
            var pair = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            if (++count > MaxFields)
            {
                fault = $"The body has more than {MaxFields} fields.";
            }
            else if (!TryDecode(equals < 0 ? pair : pair[..equals], out var name) ||
                !TryDecode(equals < 0 ? [] : pair[(equals + 1)..], out var value))
            {
                fault = "The body is not valid UTF-8; send application/x-www-form-urlencoded in UTF-8.";
            }
            else
            {
                form.Add(name, value);
                continue;
            }

            form = null;
            return false;
        }

        return true;
    }

    public IReadOnlyList<string> All(string name) => _fields.TryGetValue(name, out var values) ? values : [];

    /// <summary>The value of a field that may stand once; an empty one counts as absent. Twice is a fault.</summary>
    public string? One(string name, List<string> faults)
    {
        var values = All(name);
        if (values.Count > 1)
        {
            faults.Add($"{name} is given {values.Count} times; send it once.");
        }

        return values.Count == 0 || values[0].Length == 0 ? null : values[0];
    }

    private void Add(string name, string value)
    {
        if (!_fields.TryGetValue(name, out var values))
        {
            _fields.Add(name, values = []);
        }

        values.Add(value);
    }

    private static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out string? text)
    {
        var bytes = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length && char.IsAsciiHexDigit((char)encoded[i + 1]) &&
                char.IsAsciiHexDigit((char)encoded[i + 2]))
            {
                bytes[length++] = (byte)((Digit(encoded[i + 1]) << 4) | Digit(encoded[i + 2]));
                i += 2;
            }
            else
            {
                bytes[length++] = encoded[i] == '+' ? (byte)' ' : encoded[i];
            }
        }

        try
        {
            text = Strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }

    private static int Digit(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
