using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// The cookie in which a browser that signed in carries its session: a random key that stands for a row, so that it can be ended. Not read
/// by scripts, not sent along with what foreign pages post, and only over https where the hub is reached so.
/// </summary>
internal sealed class SessionCookie(IOptions<HubOptions> hub, IOptions<AccountOptions> options)
{
    /// <summary>The scheme of pages. The API takes bearer tokens alone.</summary>
    public const string Scheme = "session";

    /// <summary>Admits signed-in browsers; others are redirected to sign in.</summary>
    public const string Policy = "session";

    public bool IsSecure => hub.Value.PublicUrl.Scheme == Uri.UriSchemeHttps;

    /// <summary>Where the hub's cookies are sent: nowhere else on a host that it shares.</summary>
    public string Path => hub.Value.PathBase is { Length: > 0 } path ? path : "/";

    public string Name => NameOf("session");

    /// <summary>
    /// With a prefix that makes a browser refuse such a cookie without https and, where the hub has the host for itself, from any other
    /// host (RFC 6265bis §4.1.3).
    /// </summary>
    public string NameOf(string cookie) => !IsSecure ? cookie : Path == "/" ? "__Host-" + cookie : "__Secure-" + cookie;

    public string? Read(HttpRequest request) =>
        request.Cookies[Name] is { Length: <= AccessKey.MaxLength } key && key.StartsWith(AccessKey.SessionPrefix, StringComparison.Ordinal)
            ? key
            : null;

    public void Give(HttpResponse response, AccessKey key)
    {
        var cookie = Options();
        cookie.MaxAge = TimeSpan.FromDays(options.Value.SessionDays);
        response.Cookies.Append(Name, key.Text, cookie);
    }

    public void Take(HttpResponse response) => response.Cookies.Delete(Name, Options());

    private CookieOptions Options() =>
        new() { HttpOnly = true, Secure = IsSecure, SameSite = SameSiteMode.Lax, Path = Path, IsEssential = true };
}
