using System.Text;

namespace ActivityHub.Web;

/// <summary>Reads the key out of <c>Authorization</c>: Bearer, or Basic with the key as password and any user name.</summary>
public static class Credentials
{
    // Longer than any key in Base64 with a user name: a longer value is not decoded at all.
    private const int MaxLength = 1024;

    /// <summary>Null where there is none, or none that can be read.</summary>
    public static string? Of(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { Length: > 0 and <= MaxLength } value)
        {
            return null;
        }

        var space = value.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
        {
            return null;
        }

        var scheme = value.AsSpan(0, space);
        var rest = value.AsSpan(space + 1).Trim();
        if (scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return rest.IsEmpty ? null : rest.ToString();
        }

        return scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? PasswordOf(rest) : null;
    }

    private static string? PasswordOf(ReadOnlySpan<char> basic)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (!Convert.TryFromBase64Chars(basic, bytes, out var length))
        {
            return null;
        }

        // RFC 7617: the user name ends at the first colon.
        var colon = bytes[..length].IndexOf((byte)':');
        var password = colon < 0 ? [] : bytes[(colon + 1)..length];
        return password.IsEmpty ? null : Encoding.UTF8.GetString(password);
    }
}
