using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Pages;

/// <summary>The page for a new password by mail.</summary>
internal static class RecoveryPage
{
    public static void MapRecovery(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/forgot", (HttpContext http) => IsThere(http) ? Ask(http) : Without(http));
        pages.MapPost("/forgot", Send);
        pages.MapGet("/recover", (HttpContext http, string? token) => Choose(http, token ?? ""));
        pages.MapPost("/recover", Set);
    }

    /// <summary>Whether this hub sends mails.</summary>
    public static bool IsThere(HttpContext http) => http.RequestServices.GetRequiredService<PasswordReset>().IsThere;

    private static async Task<IResult> Send(HttpContext http, PasswordReset recovery, SignInThrottle throttle)
    {
        if (!recovery.IsThere)
        {
            return Without(http);
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var email = form["email"].ToString();
        if (email.Length is 0 or > Account.MaxEmailLength)
        {
            return Ask(http, "Give the email address of your account.", StatusCodes.Status400BadRequest);
        }

        // The limit of one client, over all addresses that it names.
        if (!throttle.TryEnter("forgot", ClientAddress.Of(http.Connection.RemoteIpAddress), out var retryAfter))
        {
            RetryLater.Set(http.Response, retryAfter.Value);
            return Ask(http, "Too many tries. Wait a minute before the next.", StatusCodes.Status429TooManyRequests);
        }

        await recovery.AskAsync(email, http.RequestAborted);
        return Html.Page(http.Response, "Look into your mail", """
            <h1>Look into your mail</h1>
            <p>If there is an account with this address, a mail is on its way to it. Open the link in it within an hour.</p>
            <p>If none comes, look whether it was taken for spam, or ask again in ten minutes. <a href="/sign-in">Sign in</a></p>
            """);
    }

    private static async Task<IResult> Set(HttpContext http, PasswordReset recovery)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (token, password) = (form["token"].ToString(), form["new"].ToString());
        if (password.Length is < SignInForm.MinPasswordLength or > SignInForm.MaxPasswordLength)
        {
            return Choose(
                http, token, $"A password has {SignInForm.MinPasswordLength} to {SignInForm.MaxPasswordLength} characters.",
                StatusCodes.Status400BadRequest);
        }

        switch (await recovery.SetAsync(token, password, http.RequestAborted))
        {
            case RecoveryOutcome.Done:
                return SignInPage.SeeOther(http, "/sign-in");
            case RecoveryOutcome.Busy:
                RetryLater.Set(http.Response, RetryLater.Moment);
                return Choose(
                    http, token, "Too many people sign up or in at once. Try again in a moment.", StatusCodes.Status503ServiceUnavailable);
            default:
                return Html.Page(http.Response, "Not changed", """
                    <h1>Not changed</h1>
                    <p>This link is too old, was used already, or was cut off. <a href="/forgot">Ask for a new one</a>.</p>
                    """, status: StatusCodes.Status400BadRequest);
        }
    }

    private static ContentHttpResult Ask(HttpContext http, string? fault = null, int status = StatusCodes.Status200OK) =>
        Html.Page(http.Response, "A new password", $"""
        <h1>A new password</h1>
        {Fault(fault)}
        <form class="wide" method="post" action="/forgot">{PageRoutes.Token(http)}
        <label>Email address <input name="email" type="email" autocomplete="username" required></label>
        <div><button>Send me a link</button></div>
        </form>
        <p><a href="/sign-in">Sign in</a></p>
        """, hasForms: true, status: status);

    private static ContentHttpResult Choose(HttpContext http, string token, string? fault = null, int status = StatusCodes.Status200OK) =>
        Html.Page(http.Response, "A new password", $"""
        <h1>A new password</h1>
        {Fault(fault)}
        <p>Everything that is signed in to your account now, browsers and programs, will be signed out.</p>
        <form class="wide" method="post" action="/recover">{PageRoutes.Token(http)}
        <input type="hidden" name="token" value="{Html.Encode(token)}">
        <label>New password, {SignInForm.MinPasswordLength} characters or more <input name="new" type="password" autocomplete="new-password"
            minlength="{SignInForm.MinPasswordLength}" required></label>
        <div><button>Change the password</button></div>
        </form>
        """, hasForms: true, status: status);

    private static ContentHttpResult Without(HttpContext http) => Html.Page(http.Response, "A new password", """
        <h1>A new password</h1>
        <p>This hub sends no mails. Ask its operator. <a href="/sign-in">Sign in</a></p>
        """);

    private static string Fault(string? fault) => fault is null ? "" : $"<p class=\"fault\" role=\"alert\">{Html.Encode(fault)}</p>";
}
