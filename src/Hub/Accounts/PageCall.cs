using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// A call of the API by a page of the hub itself: the browser's session, and beside it, in a header that no foreign page can set, the token
/// that only this hub's pages have. The cookie alone opens nothing: a page that makes a browser send it does not have the token.
/// </summary>
internal static class PageCall
{
    /// <summary>The header that carries the token of the page.</summary>
    public const string Header = "RequestVerificationToken";

    public static bool IsOne(HttpRequest request) => request.Headers.ContainsKey(Header);

    public static async Task<AuthenticateResult> AuthenticateAsync(HttpContext http, string scheme)
    {
        var session = await http.AuthenticateAsync(SessionCookie.Scheme);
        if (!session.Succeeded)
        {
            return AuthenticateResult.Fail("There is no session.");
        }

        // The token was made for who is signed in: it is held against that.
        http.User = session.Principal;
        try
        {
            await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
            return AuthenticateResult.Success(new AuthenticationTicket(session.Principal, scheme));
        }
        catch (AntiforgeryValidationException)
        {
            http.User = new System.Security.Claims.ClaimsPrincipal();
            return AuthenticateResult.Fail("The page was open for too long; load it anew.");
        }
    }
}
