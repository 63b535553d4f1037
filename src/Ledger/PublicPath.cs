using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger;

/// <summary>
/// Supports a <c>Hub:PublicUrl</c> with a path: the hub accepts requests whether the proxy in front keeps the path or strips it.
/// </summary>
public static class PublicPath
{
    /// <summary>Adds the middleware. Call it before routing.</summary>
    public static void UsePublicPath(this IApplicationBuilder app)
    {
        var path = new PathString(app.ApplicationServices.GetRequiredService<IOptions<HubOptions>>().Value.PathBase);
        if (!path.HasValue)
        {
            return;
        }

        app.Use((http, next) =>
        {
            var request = http.Request;
            // A POST to exactly this path is not a POST to the start page: the proxy has stripped the public path already, and the rest is
            // the endpoint of the same name (/hub).
            if (request.Path.StartsWithSegments(path, StringComparison.Ordinal, out var rest) &&
                (rest.HasValue || !HttpMethods.IsPost(request.Method)))
            {
                request.Path = rest.HasValue ? rest : new PathString("/");
            }

            request.PathBase = path;
            return next(http);
        });
    }
}
