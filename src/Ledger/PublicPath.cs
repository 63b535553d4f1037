using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger;

/// <summary>Where <c>Hub:PublicUrl</c> has a path: requests look the same whether the proxy before the hub keeps it or strips it.</summary>
public static class PublicPath
{
    /// <summary>Before the routes are looked up.</summary>
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
            // A POST to the path alone is none to the first page: a proxy has stripped the path, and what is left is the address of the same name (/hub).
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
