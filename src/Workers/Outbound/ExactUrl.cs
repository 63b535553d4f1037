using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Makes the URL of a request whose target is sent byte for byte as it was given (WebSub §8.3): <c>%7E</c>, <c>/a/./b</c> and an empty
/// segment stay. Characters outside the grammar of a request target (RFC 9112 §3.2, RFC 3986 §3.3) are percent-encoded: controls, white
/// space, quotes, <c>|</c> and similar ones, a percent sign without two digits, and non-ASCII characters as UTF-8. Brackets stay, since
/// every server accepts them. The host is the one that .NET parses, as the guard and all limits see it.
/// </summary>
internal static class ExactUrl
{
    private const string Kept = "-._~!$&'()*+,;=:@/?[]";
    private static readonly UriCreationOptions Exact = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The URL of a callback that was accepted as such before.</summary>
    public static Uri Of(string text) =>
        TryRead(text, out var url) ? url : throw new UriFormatException("A callback that was accepted is no URL.");

    /// <summary>False where it is not an absolute http or https URL.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out Uri? url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            url = null;
            return false;
        }

        // Where .NET may see the end of the host elsewhere than this does, its own reading counts.
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        if (start < 3 || text.Any(character => character == '\\' || char.IsWhiteSpace(character) || char.IsControl(character)))
        {
            return true;
        }

        var end = text.AsSpan(start).IndexOfAny('/', '?', '#');
        var target = end < 0 ? "" : text[(start + end)..];
        var exact = $"{url.Scheme}://{url.Authority}{(target.StartsWith('/') ? "" : "/")}{Encoded(target)}";
        return Uri.TryCreate(exact, Exact, out url);
    }

    private static string Encoded(string target)
    {
        var fragment = target.IndexOf('#', StringComparison.Ordinal);
        var given = fragment < 0 ? target : target[..fragment];
        if (given.All(character => IsKept(character)))
        {
            return given;
        }

        var text = new StringBuilder(given.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < given.Length;)
        {
            if (IsKept(given[i]) ||
                (given[i] == '%' && i + 2 < given.Length && char.IsAsciiHexDigit(given[i + 1]) && char.IsAsciiHexDigit(given[i + 2])))
            {
                text.Append(given[i++]);
                continue;
            }

            Rune.DecodeFromUtf16(given.AsSpan(i), out var rune, out var length);
            i += length;
            foreach (var one in bytes[..rune.EncodeToUtf8(bytes)])
            {
                text.Append('%').Append(one.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }

    private static bool IsKept(char character) =>
        char.IsAsciiLetterOrDigit(character) || Kept.Contains(character, StringComparison.Ordinal);
}
