using System.Security.Claims;
using System.Text;
using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Where an app sends a browser to ask the owner. OpenIddict has checked the app, the redirect URI and the challenge before anything here
/// runs; faults from then on go back to the app, as RFC 6749 §4.1.2.1 has it; by a click, where the owner does not know the app yet.
/// </summary>
internal static class AuthorizationEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string InvalidDetails = "invalid_authorization_details";
    private const int MostDevices = 200;

    public static void MapAuthorization(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(OAuthServer.AuthorizePath, Ask).ExcludeFromDescription();
        routes.MapPost(OAuthServer.AuthorizePath, Decide).DisableAntiforgery().ExcludeFromDescription();
    }

    private static async Task<IResult> Ask(
        HttpContext http, IDbContextFactory<LedgerContext> contexts, IAntiforgery antiforgery, IOptions<HubOptions> hub, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await OAuthRouting.AnswerAsync(http, hub.Value))
        {
            return Results.Empty;
        }

        var request = RequestOf(http);
        var now = time.NowAsStored();
        var (asked, fault) = AuthorizationDetails.Read((string?)request[AuthorizationDetails.Parameter], now);
        if (asked is null)
        {
            return Refuse(InvalidDetails, fault!);
        }

        if (await SignedInAsync(http) is not { } accountId)
        {
            return request.HasPromptValue(OpenIddictConstants.PromptValues.None)
                ? Refuse(OpenIddictConstants.Errors.LoginRequired, "No one is signed in.")
                : SignInFirst(request);
        }

        return request.HasPromptValue(OpenIddictConstants.PromptValues.None)
            ? Refuse(OpenIddictConstants.Errors.ConsentRequired, "The owner is asked each time.")
            : await ShowAsync(http, contexts, antiforgery, accountId, request, asked, now, fault: null, cancellationToken);
    }

    private static async Task<IResult> Decide(
        HttpContext http, IDbContextFactory<LedgerContext> contexts, Consents consents, IAntiforgery antiforgery, IOptions<HubOptions> hub,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (await OAuthRouting.AnswerAsync(http, hub.Value))
        {
            return Results.Empty;
        }

        var request = RequestOf(http);
        if (await SignedInAsync(http) is not { } accountId)
        {
            return SignInFirst(request);
        }

        var now = time.NowAsStored();
        var (asked, fault) = AuthorizationDetails.Read((string?)request[AuthorizationDetails.Parameter], now);
        if (asked is null)
        {
            return Refuse(InvalidDetails, fault!);
        }

        if (!await antiforgery.IsRequestValidAsync(http))
        {
            // The form came from another site, or from a page opened before the session changed: the owner is asked again.
            return await ShowAsync(http, contexts, antiforgery, accountId, request, asked, now, "Please answer again.", cancellationToken);
        }

        AnswersToApps.NoteClick(http);
        var form = await http.Request.ReadFormAsync(cancellationToken);
        if (form[ConsentForm.Answer] != ConsentForm.Allow)
        {
            return Refuse(OpenIddictConstants.Errors.AccessDenied, "The owner said no.");
        }

        var devices = await DevicesAsync(contexts, accountId, cancellationToken);
        var (chosen, wrong) = ConsentForm.Read(form, asked, [.. devices.Select(device => device.FeedId)], now);
        if (chosen is null)
        {
            return await ShowAsync(http, contexts, antiforgery, accountId, request, asked, now, wrong, cancellationToken);
        }

        return await consents.GiveAsync(accountId, request.ClientId!, chosen, cancellationToken) is { } consent
            ? Results.SignIn(PrincipalOf(accountId, consent), properties: null, Scheme)
            : Refuse(OpenIddictConstants.Errors.AccessDenied, "The app or a phone has just been removed.");
    }

    private static async Task<IResult> ShowAsync(
        HttpContext http, IDbContextFactory<LedgerContext> contexts, IAntiforgery antiforgery, long accountId, OpenIddictRequest request,
        IReadOnlyList<AskedAccess> asked, DateTimeOffset now, string? fault, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var app = await context.Apps.AsNoTracking().FirstOrDefaultAsync(row => row.ClientId == request.ClientId, cancellationToken);
        var email = await context.Accounts.Where(row => row.Id == accountId).Select(row => row.Email)
            .FirstOrDefaultAsync(cancellationToken);
        if (app is null || email is null)
        {
            return Refuse(OpenIddictConstants.Errors.AccessDenied, "The app or the account has just been removed.");
        }

        // OpenIddict has made sure that it is one of the app's; where the app has but one, it may be left out.
        var redirect = new Uri(
            request.RedirectUri ?? System.Text.Json.JsonSerializer.Deserialize<string[]>(app.RedirectUris ?? "[]")!.Single());
        var devices = await DevicesAsync(contexts, accountId, cancellationToken);
        return ConsentPage.Of(
            http.Response, new ConsentQuestion(app, email, redirect, ParametersOf(request), asked, devices, fault),
            antiforgery.GetAndStoreTokens(http), now);
    }

    private static async Task<IReadOnlyList<ConsentDevice>> DevicesAsync(
        IDbContextFactory<LedgerContext> contexts, long accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Devices.Where(device => device.AccountId == accountId).OrderBy(device => device.CreatedAt)
            .ThenBy(device => device.Id)
            .Take(MostDevices).Select(device => new ConsentDevice(device.Name, device.FeedId)).ToListAsync(cancellationToken);
    }

    /// <summary>The account of the browser's session. Antiforgery ties its tokens to it.</summary>
    private static async Task<long?> SignedInAsync(HttpContext http)
    {
        var session = await http.AuthenticateAsync(SessionCookie.Scheme);
        if (session.Principal is not { } principal || !OpaqueId.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id))
        {
            return null;
        }

        http.User = principal;
        return id;
    }

    // Relative: the page may be reached below a path.
    private static IResult SignInFirst(OpenIddictRequest request) => Results.Redirect(
        "../sign-in" + QueryString.Create("returnUrl", OAuthServer.AuthorizePath + QueryString.Create(ParametersOf(request)!)));

    private static List<KeyValuePair<string, string>> ParametersOf(OpenIddictRequest request) =>
    [
        .. request.GetParameters()
            .Where(
                parameter =>
                    !parameter.Key.StartsWith(ConsentForm.Prefix, StringComparison.Ordinal) &&
                        !parameter.Key.StartsWith("__", StringComparison.Ordinal))
            .Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value ?? "")),
    ];

    private static OpenIddictRequest RequestOf(HttpContext http) =>
        http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has left no request.");

    private static ClaimsPrincipal PrincipalOf(long accountId, string consent)
    {
        var principal = new ClaimsPrincipal(new ClaimsIdentity(Scheme, OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role));
        principal.SetClaim(OpenIddictConstants.Claims.Subject, OpaqueId.Format(accountId));
        principal.SetScopes(OpenIddictConstants.Scopes.OfflineAccess);
        principal.SetAuthorizationId(consent);
        return principal;
    }

    private static IResult Refuse(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = Plain(description),
        }),
        [Scheme]);

    // RFC 6749 §4.1.2.1 allows printable ASCII without quotes and backslashes.
    private static string Plain(string text) => text.Aggregate(new StringBuilder(text.Length), (plain, character) => character switch
    {
        '"' or '\\' => plain.Append('\''),
        '…' => plain.Append("..."),
        >= ' ' and <= '~' => plain.Append(character),
        _ => plain.Append('?'),
    }).ToString();
}
