using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Api.Devices.Setup;

/// <summary>
/// How an app on a phone is set so that it writes to the phone's feed: a link to tap or to scan, a file to open, and what to do where there
/// is neither.
/// </summary>
internal static class SetupEndpoints
{
    private const string Svg = "image/svg+xml";

    public static void MapSetup(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/devices/{device}/setup", List).WithSummary("List the apps that the hub can set up on this phone.");
        routes.MapGet("/devices/{device}/setup/{phoneApp}", Look).Produces<SetupResponse>().Produces(200, contentType: Svg)
            .WithSummary(
                "How one app is set up: a link, a file, the steps, the address and its QR code. Accept: image/svg+xml gives the QR code "
                + "alone.");
    }

    private static async Task<Results<Ok<Page<SetupName>>, Problem>> List(
        string device, Owner owner, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.OwnDevice(owner.AccountId, device).AnyAsync(cancellationToken)
            ? TypedResults.Ok(
                new Page<SetupName>(
                    [.. PhoneApps.All.Select(
                        app => new SetupName(app.Name, app.Title, $"{hub.Value.Base}/api/devices/{device}/setup/{app.Name}"))], null))
            : Problem.NotYours();
    }

    private static async Task<Results<Ok<SetupResponse>, ContentHttpResult, Problem>> Look(
        string device, string phoneApp, Owner owner, HttpContext http, IDbContextFactory<LedgerContext> contexts, RootKey root,
        IOptions<HubOptions> hub, CancellationToken cancellationToken)
    {
        // The answer holds a key: it is in no cache, and the next address that a browser asks does not hear of this one.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers.Vary = HeaderNames.Accept;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnDevice(owner.AccountId, device).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } found)
        {
            return Problem.NotYours();
        }

        if (PhoneApps.Find(phoneApp) is not { } app)
        {
            return ProblemTypes.NotFound.With($"The hub can set up {string.Join(", ", PhoneApps.All.Select(known => known.Name))}.");
        }

        var answer = SetupResponse.Of(
            app, app.Make(new SetupPhone(device, found.Name, new Uri($"{hub.Value.Base}/i/{found.IngestKey(root)}"))));
        return WantsPicture(http.Request) ? TypedResults.Text(answer.Qr, Svg) : TypedResults.Ok(answer);
    }

    private static bool WantsPicture(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(
            type => type.MediaType.Equals(Svg, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);
}
