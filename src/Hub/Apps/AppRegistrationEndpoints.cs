using System.Text.Json.Serialization;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Storage;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Lets apps register themselves (RFC 7591). Off unless the operator turns it on: then every client may, and an app without a consent is
/// removed after a week.
/// </summary>
internal static class AppRegistrationEndpoints
{
    private const string Code = "authorization_code";
    private const string Refresh = "refresh_token";
    private static readonly string[] Methods = ["none", "client_secret_basic", "client_secret_post"];

    public static void MapAppRegistration(this IEndpointRouteBuilder routes) =>
        routes.MapPost(OAuthServer.RegisterPath, Register).WithTags("Apps")
        .WithSummary("Register an app by itself (RFC 7591), where Apps:DynamicRegistration is true.").ProducesProblem(404);

    private static async Task<Results<JsonHttpResult<RegisteredApp>, JsonHttpResult<RegistrationError>, Problem>> Register(
        HttpContext http, IOpenIddictApplicationManager apps, SelfRegistered waiting, IOptions<AppOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!options.Value.DynamicRegistration)
        {
            return ProblemTypes.NotFound.With(
                "Apps cannot register themselves here (Apps:DynamicRegistration); an owner registers one at /api/apps.");
        }

        var (body, refusal) = await JsonBody.ReadAsync(http.Request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var name = body.Text("client_name", 1, App.MaxNameLength, required: true);
        var redirects = AppRequest.ReadRedirects(body, "redirect_uris");
        var homepage = AppRequest.ReadHomepage(body, "client_uri");
        var method = body.Text("token_endpoint_auth_method", 1, 50, required: false) ?? "client_secret_basic";
        if (!Methods.Contains(method))
        {
            body.Refuse("token_endpoint_auth_method", $"token_endpoint_auth_method must be one of {string.Join(", ", Methods)}.");
        }

        body.Words("grant_types", [Code, Refresh]);
        body.Words("response_types", ["code"]);
        // Unknown members are ignored (RFC 7591 §2); these faults are about the known ones.
        var known = body.Faults().Where(fault => !fault.Detail.StartsWith("There is no such member", StringComparison.Ordinal)).ToList();
        if (known.Count > 0)
        {
            return TypedResults.Json(
                new RegistrationError(
                    known.Exists(fault => fault.Path.StartsWith("redirect_uris", StringComparison.Ordinal))
                        ? "invalid_redirect_uri"
                        : "invalid_client_metadata",
                    string.Join(" ", known.Select(fault => fault.Detail))),
                statusCode: StatusCodes.Status400BadRequest);
        }

        var now = time.NowAsStored();
        if (!await waiting.HasRoomAsync(now, cancellationToken))
        {
            RetryLater.Set(http.Response, SelfRegistered.Young);
            return ProblemTypes.TooManyApps.With(
                $"{options.Value.MaxSelfRegistered} apps have registered themselves here and wait for an owner to say yes "
                + "(Apps:MaxSelfRegistered); try again later.");
        }

        var (row, secret) = await new AppRequest(name!, redirects, homepage, method != "none")
            .RegisterAsync(apps, accountId: null, now, cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new RegisteredApp(
                row.ClientId!, secret, secret is null ? null : 0, now.ToUnixTimeSeconds(), name!, redirects, method, [Code, Refresh],
                ["code"]),
            statusCode: StatusCodes.Status201Created);
    }
}

/// <summary>The answer of RFC 7591 §3.2.1.</summary>
internal sealed record RegisteredApp(
    [property: JsonPropertyName("client_id")] string ClientId,
    [property: JsonPropertyName("client_secret"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ClientSecret,
    [property: JsonPropertyName(
        "client_secret_expires_at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ClientSecretExpiresAt,
    [property: JsonPropertyName("client_id_issued_at")] long ClientIdIssuedAt,
    [property: JsonPropertyName("client_name")] string ClientName,
    [property: JsonPropertyName("redirect_uris")] IReadOnlyList<string> RedirectUris,
    [property: JsonPropertyName("token_endpoint_auth_method")] string TokenEndpointAuthMethod,
    [property: JsonPropertyName("grant_types")] IReadOnlyList<string> GrantTypes,
    [property: JsonPropertyName("response_types")] IReadOnlyList<string> ResponseTypes);

/// <summary>The refusal of RFC 7591 §3.2.2.</summary>
internal sealed record RegistrationError(
    [property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string ErrorDescription);
