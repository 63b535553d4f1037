using Microsoft.AspNetCore.Authentication.Cookies;

namespace ActivityHub.Hub.Accounts;

// STUB, to be replaced by the accounts' own: the name of the scheme is the contract.

/// <summary>A browser's session: a cookie whose principal has the claims that a token gives.</summary>
internal static class SessionCookie
{
    public const string Scheme = "session";

    public static void AddSessionCookie(this IServiceCollection services) => services.AddAuthentication().AddCookie(Scheme, cookie =>
    {
        cookie.Cookie.Name = "hub-session";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Events = new CookieAuthenticationEvents();
    });
}
