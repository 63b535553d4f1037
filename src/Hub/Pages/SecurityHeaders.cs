using ActivityHub.Hub.Api;
using ActivityHub.Ledger;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>
/// The security headers of every answer of the role: run nothing, frame nothing, guess no types and send no referrer. Set as the answer
/// starts, so that refusals and errors have them too; a page with a more exact policy keeps its own.
/// </summary>
internal static class SecurityHeaders
{
    private const string NothingAtAll = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // Hangfire's pages: scripts of their own, styles in their tags.
    private const string Dashboard =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src "
        + "'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private const string NoFeatures =
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
        + "payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    /// <summary>After the routes are known: those of other roles look after their own.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app)
    {
        var isHttps = app.ApplicationServices.GetRequiredService<IOptions<HubOptions>>().Value.PublicUrl.Scheme == Uri.UriSchemeHttps;
        app.Use((http, next) =>
        {
            var isDashboard = http.Request.Path.StartsWithSegments(
                Accounts.TokenAuthentication.Dashboard, StringComparison.OrdinalIgnoreCase);
            // What leads nowhere has no role.
            if (isDashboard || http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<HubRoute>() is not null)
            {
                http.Response.OnStarting(() =>
                {
                    Set(http.Response.Headers, isDashboard ? Dashboard : NothingAtAll, isHttps);
                    return Task.CompletedTask;
                });
            }

            return next(http);
        });
    }

    private static void Set(IHeaderDictionary headers, string policy, bool isHttps)
    {
        headers.TryAdd("Content-Security-Policy", policy);
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        headers.TryAdd("Permissions-Policy", NoFeatures);
        if (isHttps)
        {
            headers.TryAdd("Strict-Transport-Security", "max-age=31536000");
        }
    }
}
