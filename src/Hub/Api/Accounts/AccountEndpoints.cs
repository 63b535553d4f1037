using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Accounts;

/// <summary>Signing up and in: the two owner routes that need no token.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/accounts", SignUp).Accepts<SignInForm>("application/json").WithTags("Owners")
            .WithSummary(
                "Open an account. The first administrator's comes from the machine itself, or with the code that the start prints.");
        routes.MapPost("/api/tokens", NewToken).Accepts<TokenBody>("application/json").WithTags("Owners")
            .WithSummary("Get an account token for an email address and a password.");
    }

    private static async Task<Results<Created<AccountResponse>, Problem>> SignUp(
        HttpContext http, AccountOpening opening, IOptions<AccountOptions> options, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var code = body.Text("code", 1, FirstAdministrator.MaxCodeLength, required: false);
        if (options.Value.SignUp != AccountOptions.Open && code is null)
        {
            return ProblemTypes.SignUpClosed.With("This hub takes no new accounts (Accounts:SignUp is closed); ask its operator.");
        }

        var credentials = SignInForm.Read(body);
        var wantsNoRole = body.Flag("administrator") is false;
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var token = AccessKey.NewToken();
        var proof = wantsNoRole ? default : SignUpProof.Of(http, code);
        return await opening.OpenAsync(
            credentials, proof, (account, now) => AccountToken.For(account, token, now), cancellationToken) switch
        {
            OpeningOutcome.Opened opened =>
                TypedResults.Created((string?)null, new AccountResponse(OpaqueId.Format(opened.Account.Id), token.Text)),
            OpeningOutcome.Busy => Busy(http),
            OpeningOutcome.CodeRefused =>
                ProblemTypes.CodeRefused.With(
                    "code is not the one that the hub printed when it started, or the hub has an administrator by now. Leave it out for "
                    + "an ordinary account."),
            _ => Problem.Conflict("There is an account with this email address; POST /api/tokens gives a token for it."),
        };
    }

    private static async Task<Results<Created<TokenResponse>, Problem>> NewToken(
        HttpContext http, SignIn signIn, AccountKeys keys, IOptions<LimitOptions> limits, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var email = body.Text("email", 1, Account.MaxEmailLength, required: true);
        var password = body.Secret("password", 1, SignInForm.MaxPasswordLength);
        var name = body.Text("name", 1, AccountToken.MaxNameLength, required: false);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var outcome = await signIn.TryAsync(email!, password!, ClientAddress.Of(http.Connection.RemoteIpAddress), cancellationToken);
        if (outcome is not SignInOutcome.Succeeded welcome)
        {
            return Refusal(http, outcome);
        }

        var (token, isFull) = await keys.GiveTokenAsync(welcome.Account, name, cancellationToken);
        if (token is not null)
        {
            return TypedResults.Created((string?)null, new TokenResponse(token.Text));
        }

        return !isFull ? Refusal(http, new SignInOutcome.Refused()) : Problem.Conflict(
            $"Your account has {limits.Value.Tokens} tokens, as many as it may (Limits:Tokens); end one with DELETE /api/tokens/{{id}}, "
            + $"or on the page /account.");
    }

    /// <summary>The reason for a refused sign-in; in the same words whether or not there is such an account.</summary>
    public static Problem Refusal(HttpContext http, SignInOutcome outcome)
    {
        switch (outcome)
        {
            case SignInOutcome.Braked braked:
                return Problem.TooMany(
                    "Too many tries for this account, or too many that were wrong; wait before the next.", braked.RetryAfter);
            case SignInOutcome.Busy:
                return Busy(http);
            default:
                http.Response.Headers.WWWAuthenticate = "Bearer";
                return ProblemTypes.NotSignedIn.With("There is no account with this email address and this password.");
        }
    }

    private static Problem Busy(HttpContext http) =>
        Problem.Unavailable("Too many people sign up or in at once.", RetryLater.Moment);
}

/// <summary>A new account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">For <c>Authorization: Bearer</c>; shown once.</param>
internal sealed record AccountResponse(string Id, string Token);

/// <summary>A request for a token.</summary>
/// <param name="Email">The account's address.</param>
/// <param name="Password">Its password.</param>
/// <param name="Name">The name of the token in the list; up to 100 characters.</param>
internal sealed record TokenBody(string Email, string Password, string? Name)
{
    public override string ToString() => "(credentials)";
}

/// <summary>A new token.</summary>
/// <param name="Token">For <c>Authorization: Bearer</c>; shown once.</param>
internal sealed record TokenResponse(string Token);
