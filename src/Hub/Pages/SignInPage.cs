using System.Globalization;
using System.Net.Mime;
using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>Signing in and out with a browser: by address and password, or by a passkey alone.</summary>
internal static class SignInPage
{
    private const string Path = "/sign-in";

    public static void MapSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, Show);
        pages.MapPost(Path, Enter);
        pages.MapPost(Path + "/passkey/options", AskForPasskey);
        pages.MapPost(Path + "/passkey", EnterByPasskey);
        pages.MapPost("/sign-out", Leave).RequireAuthorization(SessionCookie.Policy);
    }

    private static async Task<IResult> Show(HttpContext http, string? returnUrl) =>
        (await http.AuthenticateAsync(SessionCookie.Scheme)).Succeeded ? Continue(http, returnUrl) : Form(http, returnUrl);

    private static async Task<IResult> Enter(HttpContext http, SignIn signIn, AccountKeys keys, SessionCookie cookie)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (email, password, returnUrl) = (form["email"].ToString(), form["password"].ToString(), form["returnUrl"].ToString());
        if (email.Length is 0 or > Account.MaxEmailLength || password.Length is 0 or > SignInForm.MaxPasswordLength)
        {
            return Form(http, returnUrl, "Give your email address and your password.", StatusCodes.Status400BadRequest, email);
        }

        var outcome = await signIn.TryAsync(email, password, ClientAddress.Of(http.Connection.RemoteIpAddress), http.RequestAborted);
        return outcome is SignInOutcome.Succeeded welcome
            ? await WelcomeAsync(http, keys, cookie, welcome.Account, returnUrl)
            : Refuse(http, outcome, returnUrl, email);
    }

    private static async Task<IResult> AskForPasskey(HttpContext http, Passkeys passkeys) =>
        TypedResults.Text(await passkeys.AskToSignInAsync(http), MediaTypeNames.Application.Json);

    private static async Task<IResult> EnterByPasskey(HttpContext http, Passkeys passkeys, AccountKeys keys, SessionCookie cookie)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var returnUrl = form["returnUrl"].ToString();
        return await passkeys.SignInAsync(http, form["credential"].ToString()) is { } account
            ? await WelcomeAsync(http, keys, cookie, account, returnUrl)
            : Form(
                http, returnUrl, "This passkey opens no account here, or it took too long. Try again.", StatusCodes.Status401Unauthorized);
    }

    private static async Task<IResult> Leave(HttpContext http, AccountKeys keys, SessionCookie cookie)
    {
        await keys.EndAsync(SignedInWith.HashOf(http), http.RequestAborted);
        cookie.Take(http.Response);
        // What the browser kept of these pages goes too.
        http.Response.Headers["Clear-Site-Data"] = "\"cache\"";
        return SeeOther(http, Path);
    }

    /// <summary>Begins a session and sends the browser on.</summary>
    public static async Task<IResult> WelcomeAsync(
        HttpContext http, AccountKeys keys, SessionCookie cookie, Account account, string? returnUrl)
    {
        if (await keys.BeginSessionAsync(account, BrowserOf(http.Request), http.RequestAborted) is not { } key)
        {
            return Form(
                http, returnUrl, "The password was changed a moment ago. Sign in with the new one.", StatusCodes.Status401Unauthorized,
                account.Email);
        }

        await ReplaceAsync(http, keys, cookie, key);
        return Continue(http, returnUrl);
    }

    /// <summary>
    /// Gives the browser its session and ends the one that it had: its cookie goes, and the row would open the account to a copy of it for
    /// weeks.
    /// </summary>
    public static async Task ReplaceAsync(HttpContext http, AccountKeys keys, SessionCookie cookie, AccessKey key)
    {
        if (cookie.Read(http.Request) is { } before)
        {
            await keys.EndAsync(AccessKey.HashOf(before), http.RequestAborted);
        }

        cookie.Give(http.Response, key);
    }

    /// <summary>What the browser calls itself, for the list of sessions.</summary>
    public static string? BrowserOf(HttpRequest request) =>
        new string(
            [.. request.Headers.UserAgent.ToString().Where(letter => !char.IsControl(letter))
                .Take(AccountToken.MaxNameLength)]) is { Length: > 0 } name
            ? name
            : null;

    /// <param name="http">Of the request.</param>
    /// <param name="path">Of the hub, without the path of its public URL.</param>
    public static IResult SeeOther(HttpContext http, string path)
    {
        http.Response.Headers.Location = http.Request.PathBase + path;
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }

    // Elsewhere than to the owner's own pages a page leads on, not a redirect: a browser holds this form's form-action against all
    // redirects that follow, and an app's consent may end at the app.
    private static IResult Continue(HttpContext http, string? returnUrl) =>
        LocalUrl.Of(returnUrl) is var path && path is LocalUrl.Default or "/account"
        ? SeeOther(http, path)
        : Html.Page(http.Response, "Signed in", $"""
            <h1>Signed in</h1>
            <p><a href="{Html.Encode(path)}">Go on</a></p>
            """, goTo: path);

    private static ContentHttpResult Refuse(HttpContext http, SignInOutcome outcome, string? returnUrl, string email)
    {
        switch (outcome)
        {
            case SignInOutcome.Braked braked:
                RetryLater.Set(http.Response, braked.RetryAfter);
                var minutes = Math.Max(1, (int)Math.Ceiling(braked.RetryAfter.TotalMinutes)).ToString(CultureInfo.InvariantCulture);
                return Form(
                    http, returnUrl, $"Too many tries. Wait for {minutes} min before the next.", StatusCodes.Status429TooManyRequests,
                    email);
            case SignInOutcome.Busy:
                RetryLater.Set(http.Response, RetryLater.Moment);
                return Form(
                    http, returnUrl, "Too many people sign up or in at once. Try again in a moment.",
                    StatusCodes.Status503ServiceUnavailable, email);
            default:
                return Form(
                    http, returnUrl, "There is no account with this email address and this password.", StatusCodes.Status401Unauthorized,
                    email);
        }
    }

    private static ContentHttpResult Form(
        HttpContext http, string? returnUrl, string? fault = null, int status = StatusCodes.Status200OK, string? email = null)
    {
        var hidden = $"""{PageRoutes.Token(http)}<input type="hidden" name="returnUrl" value="{Html.Encode(LocalUrl.Of(returnUrl))}">""";
        var isOpen = http.RequestServices.GetRequiredService<IOptions<AccountOptions>>().Value.SignUp == AccountOptions.Open;
        return Html.Page(http.Response, "Sign in", $"""
            <h1>Sign in</h1>
            {(fault is null ? "" : $"<p class=\"fault\" role=\"alert\">{Html.Encode(fault)}</p>")}
            <form class="wide" method="post" action="{Path}">{hidden}
            <label>Email address <input name="email" type="email" autocomplete="username" required value="{Html.Encode(email)}"></label>
            <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
            <div><button>Sign in</button></div>
            </form>
            <form method="post" action="{Path}/passkey" data-passkey="get" data-options="{Path}/passkey/options">{hidden}
            <input type="hidden" name="credential"><button>Sign in with a passkey</button> <span role="status"></span>
            </form>
            <p>{(isOpen ? "No account yet? <a href=\"/sign-up\">Open one</a>." : "")}
                {(RecoveryPage.IsThere(http) ? " <a href=\"/forgot\">I forgot my password</a>." : "")}</p>
            """, hasForms: true, scripts: ["passkeys.js"], status: status);
    }
}
