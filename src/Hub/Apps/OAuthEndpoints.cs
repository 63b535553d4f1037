using ActivityHub.Ledger;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Apps;

/// <summary>What apps ask without a browser; OpenIddict answers, in the JSON of RFC 6749, 7009 and 8414.</summary>
internal static class OAuthEndpoints
{
    public static void MapOAuth(this IEndpointRouteBuilder routes)
    {
        var apps = routes.MapGroup("").WithTags("Apps");
        apps.MapPost(OAuthServer.TokenPath, Answer).DisableAntiforgery()
            .WithSummary("Exchange a code or a refresh token for tokens (OAuth 2.1; form encoded).");
        apps.MapPost(OAuthServer.RevokePath, Answer).DisableAntiforgery()
            .WithSummary("Give a token back (RFC 7009); a refresh token takes the whole consent and its grants with it.");
        apps.MapMethods(OAuthServer.TokenPath, ["OPTIONS"], OpenToBrowsers.AnswerPreflight).ExcludeFromDescription();
        apps.MapMethods(OAuthServer.RevokePath, ["OPTIONS"], OpenToBrowsers.AnswerPreflight).ExcludeFromDescription();
        foreach (var (path, metadata) in OAuthServer.MetadataPaths(
            routes.ServiceProvider.GetRequiredService<IOptions<HubOptions>>().Value.PathBase))
        {
            apps.MapGet(path, (HttpContext http, IOptions<HubOptions> hub) =>
            {
                http.Request.Path = metadata;
                return Answer(http, hub);
            }).WithSummary(
                metadata == OAuthServer.Metadata
                    ? "What this authorization server offers (RFC 8414)."
                    : "The same, where OpenID Connect libraries look for it.");
        }
    }

    private static async Task Answer(HttpContext http, IOptions<HubOptions> hub)
    {
        OpenToBrowsers.Apply(http.Response);
        if (!await OAuthRouting.AnswerAsync(http, hub.Value))
        {
            throw new InvalidOperationException("OpenIddict has left a request to us that it was to answer.");
        }
    }
}
