using System.Buffers.Text;
using System.Globalization;
using System.Net.Mime;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Pages;

/// <summary>What opens an account, for its owner: password, passkeys, browsers and tokens.</summary>
internal static class AccountPage
{
    private const string Path = "/account";

    public static void MapAccountPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/confirm-email", AskToConfirm);
        routes.MapPost("/confirm-email", Confirm);
        var pages = routes.MapGroup(Path).RequireAuthorization(SessionCookie.Policy);
        pages.MapGet("", (Owner owner, HttpContext http, AccountServices services) => services.ShowAsync(owner, http));
        pages.MapPost("/password", ChangePassword);
        pages.MapPost("/keys/{key}/end", EndKey);
        pages.MapPost("/confirmation", SendAgain);
        pages.MapPost("/passkeys/options", AskForPasskey);
        pages.MapPost("/passkeys", AddPasskey);
        pages.MapPost("/passkeys/{passkey}/remove", RemovePasskey);
    }

    private static async Task<IResult> ChangePassword(Owner owner, HttpContext http, PasswordChange change, AccountServices services)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (current, wanted) = (form["current"].ToString(), form["new"].ToString());
        if (current.Length is 0 or > SignInForm.MaxPasswordLength ||
            wanted.Length is < SignInForm.MinPasswordLength or > SignInForm.MaxPasswordLength)
        {
            return await services.ShowAsync(
                owner, http, $"A password has {SignInForm.MinPasswordLength} to {SignInForm.MaxPasswordLength} characters.", 400);
        }

        switch (await change.TryAsync(owner.AccountId, current, wanted, SignedInWith.HashOf(http), http.RequestAborted))
        {
            case SignInOutcome.Succeeded:
                return SignInPage.SeeOther(http, Path);
            case SignInOutcome.Refused:
                return await services.ShowAsync(owner, http, "That is not your password; nothing was changed.", 403);
            case SignInOutcome.Braked braked:
                RetryLater.Set(http.Response, braked.RetryAfter);
                return await services.ShowAsync(owner, http, "Too many tries. Wait a minute before the next.", 429);
            default:
                RetryLater.Set(http.Response, RetryLater.Moment);
                return await services.ShowAsync(owner, http, "Too many people sign up or in at once. Try again in a moment.", 503);
        }
    }

    private static async Task<IResult> EndKey(string key, Owner owner, HttpContext http, AccountKeys keys)
    {
        if (OpaqueId.TryParse(key, out var id))
        {
            await keys.EndAsync(owner.AccountId, id, http.RequestAborted);
        }

        return SignInPage.SeeOther(http, Path);
    }

    private static async Task<IResult> SendAgain(Owner owner, HttpContext http, EmailConfirmation confirmations, AccountServices services)
    {
        await confirmations.AskAsync(await services.AccountAsync(owner, http), http.RequestAborted);
        return SignInPage.SeeOther(http, Path);
    }

    // Programs that look at links in mails open this page; they do not press its button.
    private static ContentHttpResult AskToConfirm(HttpContext http, string? account, string? token) =>
        Html.Page(http.Response, "Confirm your address", $"""
        <h1>Confirm your address</h1>
        <form method="post" action="/confirm-email">{PageRoutes.Token(http)}
        <input type="hidden" name="account" value="{Html.Encode(account)}"><input type="hidden" name="token" value="{Html.Encode(token)}">
        <button>It is mine</button></form>
        """, hasForms: true);

    private static async Task<IResult> Confirm(HttpContext http, EmailConfirmation confirmations)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await confirmations.ConfirmAsync(form["account"], form["token"])
            ? SignInPage.SeeOther(http, Path)
            : Html.Page(http.Response, "Not confirmed", """
                <h1>Not confirmed</h1>
                <p>This link is too old, or was cut off. <a href="/account">Your account</a> has a button for a new one.</p>
                """, status: StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> AskForPasskey(Owner owner, HttpContext http, Passkeys passkeys, AccountServices services) =>
        TypedResults.Text(
            await passkeys.AskToRegisterAsync(http, await services.AccountAsync(owner, http)), MediaTypeNames.Application.Json);

    private static async Task<IResult> AddPasskey(Owner owner, HttpContext http, Passkeys passkeys, AccountServices services)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var name = form["name"].ToString().Trim();
        if (name.Length > AccountPasskey.MaxNameLength || name.Any(char.IsControl))
        {
            return await services.ShowAsync(owner, http, $"A passkey's name has up to {AccountPasskey.MaxNameLength} characters.", 400);
        }

        return await passkeys.RegisterAsync(
            http, await services.AccountAsync(owner, http), form["credential"].ToString(), name.Length == 0 ? "Passkey" : name)
            ? SignInPage.SeeOther(http, Path)
            : await services.ShowAsync(
                owner, http, "The passkey was not taken: it took too long, or you have reached the most of them. Try again.", 400);
    }

    private static async Task<IResult> RemovePasskey(
        string passkey, Owner owner, HttpContext http, UserManager<Account> users, AccountServices services)
    {
        if (passkey.Length < 2000 && Base64Url.IsValid(passkey))
        {
            await users.RemovePasskeyAsync(await services.AccountAsync(owner, http), Base64Url.DecodeFromChars(passkey));
        }

        return SignInPage.SeeOther(http, Path);
    }

    /// <summary>What the page is made of.</summary>
    internal sealed class AccountServices(IDbContextFactory<LedgerContext> contexts, AccountKeys keys, EmailConfirmation confirmations)
    {
        public async Task<Account> AccountAsync(Owner owner, HttpContext http)
        {
            await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
            return await context.Accounts.AsNoTracking().FirstAsync(row => row.Id == owner.AccountId, http.RequestAborted);
        }

        public async Task<ContentHttpResult> ShowAsync(
            Owner owner, HttpContext http, string? fault = null, int status = StatusCodes.Status200OK)
        {
            var account = await AccountAsync(owner, http);
            await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
            var passkeys = await context.Passkeys.AsNoTracking().Where(row => row.AccountId == owner.AccountId)
                .OrderBy(row => row.CreatedAt).ToListAsync(http.RequestAborted);
            var token = PageRoutes.Token(http);
            var current = SignedInWith.HashOf(http);
            var rows = string.Concat(
                (await keys.ListAsync(owner.AccountId, http.RequestAborted)).Select(key => KeyRow(key, current, token)));
            return Html.Page(http.Response, "Your account", $"""
                <h1>Your account</h1>
                <p class="lead">{Html.Encode(account.Email)}{(account.IsAdministrator ? ", administrator" : "")}</p>
                {(fault is null ? "" : $"<p class=\"fault\" role=\"alert\">{Html.Encode(fault)}</p>")}
                {(confirmations.Wants(account) ? ConfirmationForm(token) : "")}
                <form method="post" action="/sign-out">{token}<button>Sign out</button></form>

                <h2>Password</h2>
                <form class="wide" method="post" action="{Path}/password">{token}
                <input name="username" autocomplete="username" hidden readonly value="{Html.Encode(account.Email)}">
                <label>Your password <input name="current" type="password" autocomplete="current-password" required></label>
                <label>The new one, {SignInForm.MinPasswordLength} characters or more <input name="new" type="password"
                    autocomplete="new-password" minlength="{SignInForm.MinPasswordLength}" required></label>
                <div><button>Change it, and sign out everywhere else</button></div>
                </form>

                <h2>Passkeys</h2>
                <p>A passkey opens your account without address and password.</p>
                {(passkeys.Count == 0 ? "" : PasskeyTable(passkeys, token))}
                <form class="wide" method="post" action="{Path}/passkeys" data-passkey="create"
                    data-options="{Path}/passkeys/options">{token}
                <input type="hidden" name="credential">
                <label>Name <input name="name" maxlength="{AccountPasskey.MaxNameLength}" placeholder="my phone"></label>
                <div><button>Add a passkey</button> <span role="status"></span></div>
                </form>

                <h2>Browsers and tokens</h2>
                <div class="scroll" tabindex="0" role="region" aria-label="Browsers and tokens"><table><thead>
                    <tr><th>What</th><th>Since</th><th>Last used</th><td></td></tr></thead><tbody>
                {rows}</tbody></table></div>
                """, hasForms: true, scripts: ["passkeys.js"], status: status);
        }

        private static string ConfirmationForm(string token) => $"""
            <p>Your address is not confirmed yet: open the link in the mail that was sent there.</p>
            <form method="post" action="{Path}/confirmation">{token}<button>Send another</button></form>
            """;

        private static string PasskeyTable(IEnumerable<AccountPasskey> passkeys, string token) => $"""
            <div class="scroll" tabindex="0" role="region" aria-label="Passkeys"><table><thead>
                <tr><th>Name</th><th>Since</th><th>Last used</th><td></td></tr></thead><tbody>
            {string.Concat(passkeys.Select(row => PasskeyRow(row, token)))}</tbody></table></div>
            """;

        private static string KeyRow(AccountToken key, byte[] current, string token) =>
            $"<tr><td>{(key.IsSession ? "Browser" : "Token")} {Html.Encode(key.Name)}</td>" +
            $"<td>{Day(key.CreatedAt)}</td><td>{Hour(key.LastUsedAt)}</td><td>" +
            (key.Hash.AsSpan().SequenceEqual(current) ? "this one"
                : $"""<form method="post" action="{Path}/keys/{OpaqueId.Format(key.Id)}/end">{token}<button>End</button></form>""")
                    + "</td></tr>\n";

        private static string PasskeyRow(AccountPasskey passkey, string token) =>
            $"<tr><td>{Html.Encode(passkey.Name)}</td><td>{Day(passkey.CreatedAt)}</td><td>{Hour(passkey.LastUsedAt)}</td><td>" +
            $"""<form method="post" action="{Path}/passkeys/{Base64Url.EncodeToString(passkey.CredentialId)}/remove">""" +
            $"{token}<button>Remove</button></form></td></tr>\n";

        private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private static string Hour(DateTimeOffset? time) =>
            time?.UtcDateTime.ToString("yyyy-MM-dd HH':00 UTC'", CultureInfo.InvariantCulture) ?? "";
    }
}
