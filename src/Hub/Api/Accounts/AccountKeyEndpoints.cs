using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Accounts;

/// <summary>What opens an account: its tokens, its sessions, its password.</summary>
internal static class AccountKeyEndpoints
{
    public static void MapAccountKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/tokens", List).WithSummary("List what opens the account: API tokens and browsers that are signed in.");
        routes.MapDelete("/tokens/{token}", End).WithSummary("End a token or a browser's session; it opens nothing from now on.");
        routes.MapPost("/account/password", ChangePassword).Accepts<PasswordBody>("application/json").ProducesProblem(403)
            .ProducesProblem(429)
            .WithSummary("Change the password; all other tokens and sessions end.");
        routes.MapPost("/account/confirmation", Confirm).WithSummary("Have the mail sent again that confirms the account's address.");
    }

    private static async Task<Ok<Page<KeyListed>>> List(
        Owner owner, HttpContext http, AccountKeys keys, CancellationToken cancellationToken)
    {
        var current = SignedInWith.HashOf(http);
        var rows = await keys.ListAsync(owner.AccountId, cancellationToken);
        return TypedResults.Ok(new Page<KeyListed>(
            [
                .. rows.Select(row => new KeyListed(
                    OpaqueId.Format(row.Id), row.IsSession ? "session" : "token", row.Name, row.CreatedAt.UtcDateTime,
                    row.LastUsedAt?.UtcDateTime, row.Hash.AsSpan().SequenceEqual(current))),
            ],
            Next: null));
    }

    private static async Task<Results<NoContent, Problem>> End(
        string token, Owner owner, AccountKeys keys, CancellationToken cancellationToken) =>
        OpaqueId.TryParse(token, out var id) && await keys.EndAsync(owner.AccountId, id, cancellationToken)
            ? TypedResults.NoContent()
            : Problem.NotYours();

    private static async Task<Results<NoContent, Problem>> ChangePassword(
        Owner owner, HttpContext http, PasswordChange change, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var current = body.Secret("current", 1, SignInForm.MaxPasswordLength);
        var wanted = body.Secret("new", SignInForm.MinPasswordLength, SignInForm.MaxPasswordLength);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var used = SignedInWith.HashOf(http);
        return await change.TryAsync(owner.AccountId, current!, wanted!, used, cancellationToken) switch
        {
            SignInOutcome.Succeeded => TypedResults.NoContent(),
            // Not a 401: the token is good, and a client that throws it away would be wrong.
            SignInOutcome.Refused => ProblemTypes.WrongPassword.With("current is not the account's password; nothing was changed."),
            var outcome => AccountEndpoints.Refusal(http, outcome),
        };
    }

    private static async Task<Results<Accepted, Problem>> Confirm(
        Owner owner, EmailConfirmation confirmations, IDbContextFactory<LedgerContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await context.Accounts.AsNoTracking().FirstAsync(row => row.Id == owner.AccountId, cancellationToken);
        if (!confirmations.Wants(account))
        {
            return Problem.Conflict("There is nothing to confirm: the address is confirmed already, or this hub sends no mails.");
        }

        await confirmations.AskAsync(account, cancellationToken);
        return TypedResults.Accepted((string?)null);
    }
}

/// <summary>A key of the account, without the key itself.</summary>
/// <param name="Id">For DELETE.</param>
/// <param name="Kind">token or session.</param>
/// <param name="Name">Its name; for a session, the browser's own description.</param>
/// <param name="CreatedAt">The time of its creation.</param>
/// <param name="LastUsedAt">The hour of its last use here.</param>
/// <param name="Current">Whether this request uses it.</param>
internal sealed record KeyListed(string Id, string Kind, string? Name, DateTime CreatedAt, DateTime? LastUsedAt, bool Current);

/// <summary>A new password.</summary>
/// <param name="Current">The one before.</param>
/// <param name="New">8 to 200 characters.</param>
internal sealed record PasswordBody(string Current, string New)
{
    public override string ToString() => "(passwords)";
}
