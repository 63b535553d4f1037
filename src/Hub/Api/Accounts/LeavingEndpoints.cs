using ActivityHub.Hub.Accounts;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Api.Accounts;

/// <summary>Taking everything along, and leaving nothing behind.</summary>
internal static class LeavingEndpoints
{
    public static void MapLeaving(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/account/export", Export).WithSummary("Everything of the account as a zip of NDJSON.")
            .Produces(200, contentType: "application/zip").ProducesProblem(429).ProducesProblem(503);
        routes.MapDelete("/account", Leave).Accepts<LeaveBody>("application/json")
            .WithSummary("Erase the account with all devices, feeds, grants and subscriptions. It asks for the password once more.");
    }

    private static async Task Export(
        HttpContext http, Owner owner, AccountExport export, ExportSeats seats, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!seats.TryTake(owner.AccountId, out var isOwn))
        {
            await (isOwn
                ? Problem.TooMany("An export of your account is being written already; ask again once it has ended.", RetryLater.Work)
                : Problem.Unavailable(
                    "As many exports are being written as this process writes at a time; ask again later.", RetryLater.Work))
                .WriteAsync(http);
            return;
        }

        try
        {
            await ExportAsync(http, owner, export, time, cancellationToken);
        }
        finally
        {
            seats.GiveBack(owner.AccountId);
        }
    }

    private static async Task ExportAsync(
        HttpContext http, Owner owner, AccountExport export, TimeProvider time, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"activity-hub-{time.GetUtcNow():yyyy-MM-dd}.zip\"";
        http.Response.Headers.CacheControl = "private, no-store";
        // The archive writes the heads of its files in its own way, a few bytes each.
        http.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
        await export.WriteAsync(owner.AccountId, http.Response.Body, cancellationToken);
    }

    private static async Task<Results<NoContent, Problem>> Leave(
        HttpContext http, Owner owner, SignIn signIn, AccountErasure erasure, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        // A token may lie about in a script; that everything goes is for the person.
        var password = body.Secret("password", 1, SignInForm.MaxPasswordLength);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        switch (await signIn.AgainAsync(owner.AccountId, password!, cancellationToken))
        {
            case SignInOutcome.Succeeded:
                break;
            case SignInOutcome.Refused:
                return ProblemTypes.WrongPassword.With("The password is not that of the account; nothing was erased.");
            case var outcome:
                return AccountEndpoints.Refusal(http, outcome);
        }

        await erasure.EraseAsync(owner.AccountId, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <summary>The body of a farewell, for the API's description.</summary>
/// <param name="Password">That of the account.</param>
internal sealed record LeaveBody(string Password);
