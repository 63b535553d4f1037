using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>Opening an account with a browser.</summary>
internal static class SignUpPage
{
    private const string WrongCode =
        "The code is not the one that the hub printed when it started, or the hub has an administrator by now. Leave it out for an "
        + "ordinary account.";

    public static void MapSignUp(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/sign-up",
            (HttpContext http, IOptions<AccountOptions> options, Invitations invitations, string? invitation) =>
                invitation is null ? Show(http, options)
                : invitations.EmailOf(invitation) is { } email ? InvitedForm(http, email, invitation) : Void(http));
        pages.MapPost("/sign-up", Open);
    }

    private static ContentHttpResult Show(
        HttpContext http, IOptions<AccountOptions> options, string? fault = null, int status = StatusCodes.Status200OK,
        string? email = null) =>
        options.Value.SignUp == AccountOptions.Open ? Form(http, fault, status, email) : Html.Page(http.Response, "Sign-up is closed", """
            <h1>Sign-up is closed</h1>
            <p>This hub takes no new accounts; ask its operator. <a href="/sign-in">Sign in</a></p>
            """, status: StatusCodes.Status403Forbidden);

    private static ContentHttpResult Void(HttpContext http) => Html.Page(http.Response, "This link is void", """
        <h1>This link is void</h1>
        <p>It is too old, or was cut off. Ask who sent it for a new one. <a href="/sign-in">Sign in</a></p>
        """, status: StatusCodes.Status400BadRequest);

    private static async Task<IResult> Open(
        HttpContext http, AccountOpening opening, AccountKeys keys, SessionCookie cookie, IOptions<AccountOptions> options,
        Invitations invitations)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (email, password, code) = (form["email"].ToString(), form["password"].ToString(), form["code"].ToString());
        string? invitation = form["invitation"];
        if (invitation is not null)
        {
            if (invitations.EmailOf(invitation) is not { } invited)
            {
                return Void(http);
            }

            (email, code) = (invited, "");
        }
        else if (options.Value.SignUp != AccountOptions.Open && code.Length == 0)
        {
            return Show(http, options);
        }

        if (code.Length > FirstAdministrator.MaxCodeLength)
        {
            return Show(http, options, WrongCode, StatusCodes.Status403Forbidden, email);
        }

        if (SignInForm.Fault(email, password) is { } fault)
        {
            return Again(fault, StatusCodes.Status400BadRequest);
        }

        var session = AccessKey.NewSession();
        var outcome = await opening.OpenAsync(
            new SignInForm(email, password), SignUpProof.Of(http, code),
            (account, now) => AccountToken.Session(account, session, now, SignInPage.BrowserOf(http.Request)), http.RequestAborted);
        switch (outcome)
        {
            case OpeningOutcome.Opened:
                await SignInPage.ReplaceAsync(http, keys, cookie, session);
                return SignInPage.SeeOther(http, LocalUrl.Default);
            case OpeningOutcome.Busy:
                RetryLater.Set(http.Response, RetryLater.Moment);
                return Again("Too many people sign up or in at once. Try again in a moment.", StatusCodes.Status503ServiceUnavailable);
            case OpeningOutcome.CodeRefused:
                return Show(http, options, WrongCode, StatusCodes.Status403Forbidden, email);
            default:
                return Again("There is an account with this email address already.", StatusCodes.Status409Conflict);
        }

        ContentHttpResult Again(string fault, int status) =>
            invitation is null ? Show(http, options, fault, status, email) : InvitedForm(http, email, invitation, fault, status);
    }

    private static ContentHttpResult InvitedForm(
        HttpContext http, string email, string invitation, string? fault = null, int status = StatusCodes.Status200OK) =>
        Html.Page(http.Response, "Open an account", $"""
            <h1>Open an account</h1>
            <p>You are invited, with the address <b>{Html.Encode(email)}</b>.</p>
            {(fault is null ? "" : $"<p class=\"fault\" role=\"alert\">{Html.Encode(fault)}</p>")}
            <form class="wide" method="post" action="/sign-up">{PageRoutes.Token(http)}
            <input type="hidden" name="invitation" value="{Html.Encode(invitation)}"><input type="hidden" name="email"
                autocomplete="username" value="{Html.Encode(email)}">
            <label>Password, {SignInForm.MinPasswordLength} characters or more <input name="password" type="password"
                autocomplete="new-password" minlength="{SignInForm.MinPasswordLength}" required></label>
            <div><button>Open the account</button></div>
            </form>
            """, hasForms: true, status: status);

    private static ContentHttpResult Form(HttpContext http, string? fault, int status, string? email) =>
        Html.Page(http.Response, "Open an account", $"""
        <h1>Open an account</h1>
        {(fault is null ? "" : $"<p class=\"fault\" role=\"alert\">{Html.Encode(fault)}</p>")}
        <form class="wide" method="post" action="/sign-up">{PageRoutes.Token(http)}
        <label>Email address <input name="email" type="email" autocomplete="username" required value="{Html.Encode(email)}"></label>
        <label>Password, {SignInForm.MinPasswordLength} characters or more <input name="password" type="password"
            autocomplete="new-password" minlength="{SignInForm.MinPasswordLength}" required></label>
        <details><summary>I run this hub</summary>
        <label>The code that the hub printed when it started <input name="code" autocomplete="off" spellcheck="false"></label>
        <p class="soft">With it, once, the account becomes the administrator's. While there is no administrator, each start prints the
            code.</p>
        </details>
        <div><button>Open the account</button></div>
        </form>
        <p>You have one? <a href="/sign-in">Sign in</a>.</p>
        """, hasForms: true, status: status);
}
