using ActivityHub.Hub.Errors;
using ActivityHub.Hub.Owners;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>Signing up and in: the two owner routes that need no token.</summary>
internal static class AccountEndpoints
{
    private static readonly TimeSpan BusyRetryAfter = TimeSpan.FromSeconds(5);

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/accounts", SignUp).Accepts<Credentials>("application/json").WithTags("Owners")
            .WithSummary("Open an account. The first one of an installation is its administrator.");
        routes.MapPost("/api/tokens", NewToken).Accepts<Credentials>("application/json").WithTags("Owners")
            .WithSummary("Get an account token for an email address and a password.");
    }

    private static async Task<Results<Created<AccountAnswer>, ProblemHttpResult>> SignUp(
        HttpContext http, LedgerWriter writer, Passwords passwords, IOptions<AccountOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        if (options.Value.SignUp != AccountOptions.Open)
        {
            return Problems.Status(403, "Sign-up is closed.",
                "This hub takes no new accounts (Accounts:SignUp is closed); ask whoever runs it.");
        }

        var credentials = Credentials.Read(body);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        if (await passwords.HashAsync(credentials.Password, cancellationToken) is not { } hash)
        {
            return Problems.Later(http, 503, BusyRetryAfter, "Too many people sign up or in at once.");
        }

        var token = AccessKey.NewToken();
        try
        {
            var account = await writer.WriteAsync(context =>
                OpenAsync(context, credentials.Email, hash, token, time.GetUtcNow(), cancellationToken), cancellationToken);
            return account is null ? Taken()
                : TypedResults.Created((string?)null, new AccountAnswer(OpaqueId.Format(account.Id), token.Text));
        }
        catch (DbUpdateException exception) when (DatabaseFault.IsDuplicate(exception))
        {
            return Taken();
        }
    }

    private static async Task<Account?> OpenAsync(
        LedgerContext context, string email, string hash, AccessKey token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var name = Account.Normalize(email);
        if (await context.Accounts.AnyAsync(row => row.NormalizedEmail == name, cancellationToken))
        {
            return null;
        }

        var account = Account.SignUp(email, hash, await IsFirstAsync(context, cancellationToken), now);
        context.Add(account);
        context.Add(AccountToken.For(account, token, now));
        await context.SaveChangesAsync(cancellationToken);
        return account;
    }

    // Two who sign up at once on a new hub must not both become administrators. Past the first account nobody waits for the lock.
    private static async Task<bool> IsFirstAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        if (await context.Accounts.AnyAsync(cancellationToken))
        {
            return false;
        }

        if (context.Database.IsNpgsql())
        {
            await context.Database.ExecuteSqlRawAsync("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
            return !await context.Accounts.AnyAsync(cancellationToken);
        }

        return true;
    }

    private static async Task<Results<Created<TokenAnswer>, ProblemHttpResult>> NewToken(
        HttpContext http, LedgerWriter writer, SignIn signIn, TimeProvider time, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var email = body.Text("email", 1, Account.MaxEmailLength, required: true);
        var password = body.Secret("password", 1, Credentials.MaxPasswordLength);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        switch (await signIn.TryAsync(email!, password!, http.Connection.RemoteIpAddress?.ToString(), cancellationToken))
        {
            case SignInOutcome.Welcome welcome:
                var token = AccessKey.NewToken();
                await writer.WriteAsync(
                    async context =>
                    {
                        context.Add(AccountToken.For(welcome.Account, token, time.GetUtcNow()));
                        await context.SaveChangesAsync(cancellationToken);
                    },
                    cancellationToken);
                return TypedResults.Created((string?)null, new TokenAnswer(token.Text));
            case SignInOutcome.Braked braked:
                return Problems.Later(http, 429, braked.RetryAfter,
                    "Too many tries for this account from this address; wait before the next.");
            case SignInOutcome.Busy:
                return Problems.Later(http, 503, BusyRetryAfter, "Too many people sign up or in at once.");
            default:
                http.Response.Headers.WWWAuthenticate = "Bearer";
                return Problems.Status(401, "Not signed in.", "There is no account with this email address and this password.");
        }
    }

    private static ProblemHttpResult Taken() =>
        Problems.Conflict("There is an account with this email address; POST /api/tokens gives a token for it.");
}

/// <summary>A new account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">For <c>Authorization: Bearer</c>; shown once.</param>
internal sealed record AccountAnswer(string Id, string Token);

/// <summary>A new token.</summary>
/// <param name="Token">For <c>Authorization: Bearer</c>; shown once.</param>
internal sealed record TokenAnswer(string Token);
