using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityHub.Hub.Api;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Apps;

/// <summary>The apps that an account has registered.</summary>
internal static class AppEndpoints
{
    public static void MapOwnApps(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/apps", Register).Accepts<AppBody>("application/json")
            .WithSummary("Register a web app; the secret of a confidential one is shown this once.");
        routes.MapGet("/apps", List).WithSummary("List the apps that you have registered.");
        routes.MapDelete("/apps/{app}", Remove).WithSummary("Remove an app with all its consents.");
        routes.MapConsents();
    }

    private static async Task<Results<Created<AppResponse>, Problem>> Register(
        Owner owner, HttpRequest request, IOpenIddictApplicationManager apps, IDbContextFactory<LedgerContext> contexts,
        IOptions<AppOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var app = AppRequest.Read(body);
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (await context.Apps.CountAsync(row => row.AccountId == owner.AccountId, cancellationToken) >= options.Value.MaxPerAccount)
            {
                return Problem.Conflict(
                    $"You have registered {options.Value.MaxPerAccount} apps, the most that this hub takes; delete one first.");
            }
        }

        var (row, secret) = await app.RegisterAsync(apps, owner.AccountId, time.NowAsStored(), cancellationToken);
        return TypedResults.Created((string?)null, AppResponse.Of(row, secret));
    }

    private static async Task<Ok<Page<AppResponse>>> List(
        Owner owner, IDbContextFactory<LedgerContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Apps.AsNoTracking().Where(app => app.AccountId == owner.AccountId).OrderBy(app => app.CreatedAt)
            .ThenBy(app => app.Id)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<AppResponse>([.. rows.Select(row => AppResponse.Of(row))], Next: null));
    }

    private static async Task<Results<NoContent, Problem>> Remove(
        string app, Owner owner, Consents consents, CancellationToken cancellationToken) =>
        await consents.RemoveAppAsync(owner.AccountId, app, cancellationToken) ? TypedResults.NoContent() : Problem.NotYours();
}

/// <summary>An app as its developer sees it.</summary>
/// <param name="ClientId">Its name in OAuth's requests.</param>
/// <param name="ClientSecret">The secret of a confidential app; shown once, when it is created.</param>
/// <param name="Name">The name that people see.</param>
/// <param name="RedirectUris">The addresses to which answers may be sent.</param>
/// <param name="Homepage">A page about the app.</param>
/// <param name="Confidential">True where it must show its secret.</param>
/// <param name="CreatedAt">The time of its registration.</param>
internal sealed record AppResponse(
    string ClientId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ClientSecret,
    string Name,
    IReadOnlyList<string> RedirectUris,
    string? Homepage,
    bool Confidential,
    DateTime CreatedAt)
{
    public static AppResponse Of(App app, string? secret = null) => new(
        app.ClientId!,
        secret,
        app.DisplayName ?? "",
        JsonSerializer.Deserialize<string[]>(app.RedirectUris ?? "[]")!,
        app.Homepage.Length == 0 ? null : app.Homepage,
        app.ClientType == OpenIddictConstants.ClientTypes.Confidential,
        app.CreatedAt.UtcDateTime);
}
