using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// The cookie in which a browser that signed in carries its session: a random key that stands for a row, so that it can be ended. Not read by
/// scripts, not sent along with what foreign pages post, and only over https where the hub is reached so.
/// </summary>
internal sealed class SessionCookie(IOptions<HubOptions> hub, IOptions<AccountOptions> options)
{
    /// <summary>The scheme of pages. The API takes bearer tokens alone.</summary>
    public const string Scheme = "session";

    /// <summary>Lets in whoever is signed in with a browser; others are sent to the page for it.</summary>
    public const string Policy = "session";

    public bool IsSecure => hub.Value.PublicUrl.Scheme == Uri.UriSchemeHttps;

    // The prefix makes a browser refuse such a cookie from any other host, and from this one without https (RFC 6265bis §4.1.3.2).
    public string Name => IsSecure ? "__Host-session" : "session";

    public string? Read(HttpRequest request) =>
        request.Cookies[Name] is { Length: <= AccessKey.MaxLength } key && key.StartsWith(AccessKey.SessionPrefix, StringComparison.Ordinal) ? key : null;

    public void Give(HttpResponse response, AccessKey key)
    {
        var cookie = Options();
        cookie.MaxAge = TimeSpan.FromDays(options.Value.SessionDays);
        response.Cookies.Append(Name, key.Text, cookie);
    }

    public void Take(HttpResponse response) => response.Cookies.Delete(Name, Options());

    private CookieOptions Options() => new() { HttpOnly = true, Secure = IsSecure, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
