using System.Security.Claims;
using System.Text.Encodings.Web;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>Identifies the visitor of a page by the session cookie. A visitor without one is sent to sign in, and back.</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IDbContextFactory<LedgerContext> contexts,
    SessionCookie cookie,
    AccountKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (cookie.Read(Request) is not { } key)
        {
            return AuthenticateResult.NoResult();
        }

        var hash = AccessKey.HashOf(key);
        await using var context = await contexts.CreateDbContextAsync(Context.RequestAborted);
        var found = await context.AccountTokens.AsNoTracking().Where(row => row.Hash == hash && row.IsSession)
            .Join(
                context.Accounts, row => row.AccountId, account => account.Id,
                (row, account) => new { Session = row, account.Id, account.IsAdministrator })
            .FirstOrDefaultAsync(Context.RequestAborted);
        if (found is null || keys.HasEnded(found.Session, TimeProvider.GetUtcNow()))
        {
            return AuthenticateResult.Fail("The session has ended.");
        }

        await keys.NoteUseAsync(hash, found.Session.LastUsedAt, Context.RequestAborted);
        Context.Features.Set(new SignedInWith(hash));
        return AuthenticateResult.Success(
            new AuthenticationTicket(new ClaimsPrincipal(TokenAuthentication.IdentityOf(found.Id, found.IsAdministrator)), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // The body of a POST is lost; the visitor returns to the page and not to the address of the POST.
        var target = HttpMethods.IsGet(Request.Method) ? $"{Request.Path}{Request.QueryString}" : "/account";
        Response.Headers.Location = $"{Request.PathBase}/sign-in?returnUrl={Uri.EscapeDataString(target)}";
        Response.StatusCode = StatusCodes.Status303SeeOther;
        return Task.CompletedTask;
    }
}
