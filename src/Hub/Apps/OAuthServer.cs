using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace ActivityHub.Hub.Apps;

/// <summary>Configures OAuth 2.1: the authorization code with PKCE by SHA-256, and refresh tokens, each with one successor.</summary>
internal static class OAuthServer
{
    public const string AuthorizePath = "/oauth/authorize";
    public const string TokenPath = "/oauth/token";
    public const string RevokePath = "/oauth/revoke";
    public const string RegisterPath = "/oauth/register";
    public const string Metadata = "/.well-known/oauth-authorization-server";
    public const string OpenIdMetadata = "/.well-known/openid-configuration";

    /// <summary>
    /// Where the metadata is: below the hub, and, where its public URL has a path, also between the host and that path (RFC 8414 §3.1),
    /// which a proxy has to hand on as it is.
    /// </summary>
    public static IEnumerable<(string Path, string Metadata)> MetadataPaths(string pathBase) =>
        new[] { Metadata, OpenIdMetadata }.SelectMany(
            path => pathBase.Length == 0 ? [(path, path)] : new[] { (path, path), (path + pathBase, path) });

    // OAuth 2.1 §4.1.2 recommends a minute at most for a code's life.
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AccessTokenLifetime = TimeSpan.FromMinutes(10);

    // Each use gives a new one: an app that was not seen for so long has lost its access.
    private static readonly TimeSpan IdleLifetime = TimeSpan.FromDays(30);

    public static void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris(AuthorizePath[1..]).SetTokenEndpointUris(TokenPath[1..])
            .SetRevocationEndpointUris(RevokePath[1..])
            .SetConfigurationEndpointUris(Metadata[1..], OpenIdMetadata[1..]);
        // No token is checked by a public key.
        server.Configure(options => options.JsonWebKeySetEndpointUris.Clear());

        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().RequireProofKeyForCodeExchange();
        server.SetAuthorizationCodeLifetime(CodeLifetime).SetAccessTokenLifetime(AccessTokenLifetime).SetRefreshTokenLifetime(IdleLifetime)
            .SetRefreshTokenReuseLeeway(TokenRedemption.Leeway);
        // Its own redeems before the answer is made, and lets several requests pass that come at once: TokenRedemption lets one.
        server.RemoveEventHandler(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor);
        server.Configure(options =>
        {
            options.CodeChallengeMethods.Remove(OpenIddictConstants.CodeChallengeMethods.Plain);
            // The answer goes to the app in the query alone: a fragment is for scripts, a posted form needs one.
            options.ResponseModes.Remove(OpenIddictConstants.ResponseModes.Fragment);
            options.ResponseModes.Remove(OpenIddictConstants.ResponseModes.FormPost);
            options.Scopes.Remove(OpenIddictConstants.Scopes.OpenId);
        });
        server.UseReferenceAccessTokens().UseReferenceRefreshTokens();
        server.UseDataProtection();
        // Without TLS it is reached on loopback, or behind a proxy that ends TLS; the public address says which.
        server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableStatusCodePagesIntegration()
            .DisableTransportSecurityRequirement();

        OAuthEvents.AddTo(server);
    }
}
