using System.Globalization;
using System.Text;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>What may be a callback, and when two spellings are one.</summary>
internal static class CallbackUrl
{
    private const int MaxLength = Subscription.MaxCallbackLength;

    /// <summary>The fault of a callback, and what to send instead; null where there is none.</summary>
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
            return "hub.callback carries a user name; put a secret into its path or query instead.";
        }

        if (!IsHost(url, AuthorityOf(callback)))
        {
            return "hub.callback names no host that can be called; send a domain name, its letters beyond ASCII as they are or as xn--…, "
                + "or an address.";
        }

        if (CallbackPorts.IsClosed(url.Port))
        {
            return $"hub.callback names port {url.Port}, where something else than HTTP listens; use 80, 443 or one from 1024 up that no "
                + "other protocol owns.";
        }

        return callback.Contains('#', StringComparison.Ordinal)
            ? "hub.callback carries a fragment, which no request can carry; leave it out." : null;
    }

    /// <summary>
    /// The reason why the hub may not call an address of its own where phones write; null for any other address. A feed would receive its
    /// own deliveries without end. The spelling of the path does not matter: servers decode it and ignore case.
    /// </summary>
    public static string? LoopOf(string callback, Uri publicUrl)
    {
        var url = new Uri(callback);
        if (!url.IdnHost.TrimEnd('.').Equals(publicUrl.IdnHost.TrimEnd('.'), StringComparison.OrdinalIgnoreCase) ||
            (url.Port != publicUrl.Port && !(url.IsDefaultPort && publicUrl.IsDefaultPort)))
        {
            return null;
        }

        var path = Uri.UnescapeDataString(url.AbsolutePath);
        var prefix = Uri.UnescapeDataString(publicUrl.AbsolutePath).TrimEnd('/');
        var rest = path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? path[prefix.Length..] : path;
        string[] segments = rest.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isIngest = segments is [var first, _, ..] && first.Equals("i", StringComparison.OrdinalIgnoreCase);
        var isUpdates = segments is [var feeds, _, var last] && feeds.Equals("feeds", StringComparison.OrdinalIgnoreCase) &&
            last.Equals("updates", StringComparison.OrdinalIgnoreCase);
        return isIngest || isUpdates
            ? "hub.callback is an address of this hub where a phone writes: each update that is delivered there would make the next, "
                + "without end. Send the address of a receiver of your own."
            : null;
    }

    /// <summary>
    /// One spelling for URLs that differ only in needless percent-encoding, or in how the same scheme, host and port are written (WebSub
    /// §5.1.1, RFC 3986 §6.2.2 and §6.2.3). For comparing alone: requests go to the callback exactly as it was given.
    /// </summary>
    public static string Compared(string callback)
    {
        var url = new Uri(callback);
        var host = url.IdnHost.TrimEnd('.').ToLowerInvariant();
        var text = new StringBuilder(callback.Length).Append(url.Scheme).Append("://")
            .Append(url.HostNameType == UriHostNameType.IPv6 ? $"[{host}]" : host);
        if (!url.IsDefaultPort)
        {
            text.Append(':').Append(url.Port);
        }

        var start = callback.IndexOf("//", StringComparison.Ordinal) + 2 + AuthorityOf(callback).Length;
        if (start == callback.Length || callback[start] != '/')
        {
            text.Append('/');
        }

        for (var i = start; i < callback.Length; i++)
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

    // .NET accepts more as a host than can be resolved, and of the non-ASCII characters it maps only letters, digits and marks as IDNA
    // does.
    private static bool IsHost(Uri url, string authority) =>
        url.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6 &&
        authority.All(character => char.IsAscii(character) || char.IsLetterOrDigit(character) ||
            char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark) &&
        Uri.CheckHostName(url.IdnHost) != UriHostNameType.Unknown;

    private static string AuthorityOf(string callback)
    {
        var start = callback.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = callback.AsSpan(start).IndexOfAny('/', '?', '#');
        return end < 0 ? callback[start..] : callback.Substring(start, end);
    }
}
