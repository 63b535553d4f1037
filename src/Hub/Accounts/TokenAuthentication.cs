using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Who the caller of a guarded route is: <c>Authorization: Bearer at_…</c>; under <c>/hangfire</c>, where a browser asks, also Basic with
/// the account's password or a token as its password, or the session of a browser that is signed in.
/// </summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IDbContextFactory<LedgerContext> contexts,
    SignIn signIn,
    AccountKeys keys,
    TokenAuthentication.KnownBrowsers browsers)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "token";
    public const string Administrator = "administrator";
    public const string Dashboard = "/hangfire";

    private bool IsDashboard => Request.Path.StartsWithSegments(Dashboard, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Phones and readers use other keys: their routes require no account.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null)
        {
            return AuthenticateResult.NoResult();
        }

        if (Request.Headers.Authorization.Count == 0 && PageCall.IsOne(Request))
        {
            return await PageCall.AuthenticateAsync(Context, SchemeName);
        }

        // The dashboard's own forms carry a token against foreign pages, and browsers do not send its cookie with cross-site posts.
        if (IsDashboard && Request.Headers.Authorization.Count == 0 &&
            (await Context.AuthenticateAsync(SessionCookie.Scheme)) is { Succeeded: true } session)
        {
            return AuthenticateResult.Success(new AuthenticationTicket(session.Principal, SchemeName));
        }

        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header) ||
            header.Parameter is not { Length: > 0 and < 1024 } parameter)
        {
            return AuthenticateResult.NoResult();
        }

        var identity = header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => await ByTokenAsync(parameter),
            "BASIC" when IsDashboard => await ByBasicAsync(parameter),
            _ => null,
        };
        return identity is null
            ? AuthenticateResult.Fail("The key opens no account.")
            : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // A person with a browser signs in on the page for it, and comes back.
        if (IsDashboard && HttpMethods.IsGet(Request.Method) && Request.Headers.Authorization.Count == 0 &&
            Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            Response.Headers.Location =
                $"{Request.PathBase}/sign-in?returnUrl={Uri.EscapeDataString($"{Request.Path}{Request.QueryString}")}";
            Response.StatusCode = StatusCodes.Status303SeeOther;
            return Task.CompletedTask;
        }

        // A key was sent, and opens nothing.
        if (Request.Headers.Authorization.Count > 0 && GuessedKeys.Slowed(Context) is { } slowed)
        {
            return slowed.ExecuteAsync(Context);
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = IsDashboard ? "Basic realm=\"Activity Hub\", charset=\"UTF-8\"" : "Bearer";
        return Task.CompletedTask;
    }

    private async Task<ClaimsIdentity?> ByTokenAsync(string token)
    {
        if (token.Length > AccessKey.MaxLength || !token.StartsWith(AccessKey.TokenPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = AccessKey.HashOf(token);
        await using var context = await contexts.CreateDbContextAsync(Context.RequestAborted);
        var found = await context.AccountTokens.Where(row => row.Hash == hash)
            .Join(context.Accounts, row => row.AccountId, account => account.Id, (row, account) =>
                new { account.Id, account.IsAdministrator, row.LastUsedAt })
            .FirstOrDefaultAsync(Context.RequestAborted);
        if (found is null)
        {
            return null;
        }

        await keys.NoteUseAsync(hash, found.LastUsedAt, Context.RequestAborted);
        Context.Features.Set(new SignedInWith(hash));
        return IdentityOf(found.Id, found.IsAdministrator);
    }

    private async Task<ClaimsIdentity?> ByBasicAsync(string parameter)
    {
        var decoded = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, decoded, out var length) ||
            Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2) is not [var email, var password])
        {
            return null;
        }

        if (password.StartsWith(AccessKey.TokenPrefix, StringComparison.Ordinal))
        {
            return await ByTokenAsync(password);
        }

        // The page asks every two seconds: the password is not hashed anew each time.
        var name = Convert.ToHexString(AccessKey.HashOf(parameter));
        if (browsers.Cache.TryGetValue(name, out ClaimsIdentity? known))
        {
            return known;
        }

        return await signIn.TryAsync(email, password, ClientAddress.Of(Context.Connection.RemoteIpAddress),
            Context.RequestAborted) is SignInOutcome.Succeeded welcome
            ? browsers.Cache.Set(
                name,
                IdentityOf(welcome.Account.Id, welcome.Account.IsAdministrator),
                new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) })
            : null;
    }

    /// <summary>What every way of signing in says of an account: its id, and whether it is an administrator's.</summary>
    public static ClaimsIdentity IdentityOf(long accountId, bool isAdministrator)
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, OpaqueId.Format(accountId)));
        if (isAdministrator)
        {
            identity.AddClaim(new Claim(ClaimTypes.Role, Administrator));
        }

        return identity;
    }

    /// <summary>Browsers whose password was found right within the last minute.</summary>
    internal sealed class KnownBrowsers : IDisposable
    {
        public MemoryCache Cache { get; } = new(new MemoryCacheOptions { SizeLimit = 100 });

        /// <summary>Voids a password or a token: cached successes must be proven again.</summary>
        public void Forget() => Cache.Clear();

        public void Dispose() => Cache.Dispose();
    }
}
