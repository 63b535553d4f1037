using System.Text;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>What may be a callback, and when two spellings are one.</summary>
internal static class CallbackUrl
{
    private const int MaxLength = Ledger.Subscriptions.Subscription.MaxCallbackLength;

    /// <summary>What is wrong with it, and what to send instead; null where nothing is.</summary>
    public static string? FaultOf(string callback)
    {
        if (callback.Length > MaxLength)
        {
            return $"hub.callback is longer than {MaxLength} characters.";
        }

        var hasScheme = callback.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ||
            callback.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!hasScheme || callback.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character == '\\') ||
            !Uri.TryCreate(callback, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return "hub.callback is not an absolute http or https URL.";
        }

        if (url.UserInfo.Length > 0 || url.Authority.Contains('@', StringComparison.Ordinal) ||
            AuthorityOf(callback).Contains('@', StringComparison.Ordinal))
        {
            return "hub.callback carries a user name; put what tells callers apart into its path or query.";
        }

        return callback.Contains('#', StringComparison.Ordinal)
            ? "hub.callback carries a fragment, which no request can carry; leave it out." : null;
    }

    /// <summary>Its scheme, host and port, in lower case.</summary>
    public static string HostOf(string callback) => new Uri(callback).GetLeftPart(UriPartial.Authority).ToLowerInvariant();

    /// <summary>
    /// One spelling for URLs that differ only in needless percent-encoding (WebSub §5.1.1, RFC 3986 §6.2.2.2). For comparing alone:
    /// requests go to the callback exactly as it was given.
    /// </summary>
    public static string Compared(string callback)
    {
        var text = new StringBuilder(callback.Length);
        for (var i = 0; i < callback.Length; i++)
        {
            if (callback[i] == '%' && i + 2 < callback.Length && char.IsAsciiHexDigit(callback[i + 1]) &&
                char.IsAsciiHexDigit(callback[i + 2]))
            {
                var character = (char)Convert.ToByte(callback.Substring(i + 1, 2), 16);
                if (char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~')
                {
                    text.Append(character);
                }
                else
                {
                    text.Append('%').Append(char.ToUpperInvariant(callback[i + 1])).Append(char.ToUpperInvariant(callback[i + 2]));
                }

                i += 2;
            }
            else
            {
                text.Append(callback[i]);
            }
        }

        return text.ToString();
    }

    private static string AuthorityOf(string callback)
    {
        var start = callback.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = callback.AsSpan(start).IndexOfAny('/', '?', '#');
        return end < 0 ? callback[start..] : callback.Substring(start, end);
    }
}
