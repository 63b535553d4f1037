using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Accounts.Administration;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>What an administrator does with accounts: invite, give a new password, make and unmake administrators, remove.</summary>
internal static class AccountAdministrationPages
{
    private const string Home = "/admin";

    public static void MapAccountAdministration(this RouteGroupBuilder pages)
    {
        var administrators = pages.MapGroup(Home);
        // Other callers get the same answer as for an unknown page.
        administrators.AddEndpointFilter(async (context, next) =>
            context.HttpContext.User.IsInRole(TokenAuthentication.Administrator)
                ? await next(context)
                : RazorPage.NotFound(context.HttpContext));
        administrators.MapPost("/invitations", Invite);
        administrators.MapPost("/accounts/{account}/password", ResetPassword);
        administrators.MapPost("/accounts/{account}/role", ChangeRole);
        administrators.MapGet("/accounts/{account}/remove", AskToRemove);
        administrators.MapPost("/accounts/{account}/remove", Remove);
    }

    private static async Task<IResult> Invite(HttpContext http, AccountAdministration accounts)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return Show(http, await accounts.InviteAsync(form["email"].ToString(), shows: false, http.RequestAborted));
    }

    private static async Task<IResult> ResetPassword(string account, HttpContext http, AccountAdministration accounts) =>
        await FindAsync(account, http, accounts) is { } found
            ? Show(http, accounts.ResetPassword(found, shows: false))
            : RazorPage.NotFound(http);

    private static async Task<IResult> ChangeRole(string account, HttpContext http, AccountAdministration accounts)
    {
        if (await FindAsync(account, http, accounts) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var outcome = await accounts.ChangeRoleAsync(found, form["administrator"] == "true", http.RequestAborted);
        return outcome.IsDone ? SignInPage.SeeOther(http, Home) : Show(http, outcome);
    }

    private static async Task<IResult> AskToRemove(string account, HttpContext http, AccountAdministration accounts) =>
        await FindAsync(account, http, accounts) is { } found ? Html.Page(http.Response, "Remove an account", $"""
            <h1>Remove {Html.Encode(found.Email)}?</h1>
            <p>The account goes with all its phones, their feeds and what they logged. Its readers and subscribers are told. There is no way
                back but a backup.</p>
            <form method="post" action="{Home}/accounts/{Html.Encode(account)}/remove">{PageRoutes.Token(http)}
                <button class="danger">Remove it</button></form>
            <p><a href="{Home}">Leave it</a></p>
            """, hasForms: true) : RazorPage.NotFound(http);

    private static async Task<IResult> Remove(string account, HttpContext http, AccountAdministration accounts) =>
        await FindAsync(account, http, accounts) is { } found
            ? Show(http, await accounts.RemoveAsync(found, http.RequestAborted))
            : RazorPage.NotFound(http);

    private static async Task<Account?> FindAsync(string account, HttpContext http, AccountAdministration accounts) =>
        OpaqueId.TryParse(account, out var id) ? await accounts.FindAsync(id, http.RequestAborted) : null;

    private static IResult Show(HttpContext http, AdministrationOutcome outcome) =>
        Html.Page(http.Response, outcome.IsDone ? "Done" : "Not done", $"""
        <h1>{(outcome.IsDone ? "Done" : "Not done")}</h1>
        <p{(outcome.IsDone ? "" : " class=\"fault\" role=\"alert\"")}>{Html.Encode(outcome.Words)}</p>
        {(outcome.Link is null ? "" : $"<pre><code>{Html.Encode(outcome.Link)}</code></pre>")}
        <p><a href="{Home}">Administration</a></p>
        """, status: outcome.IsDone ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
}
