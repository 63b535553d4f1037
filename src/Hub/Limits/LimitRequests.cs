using ActivityHub.Ledger.Access;
using ActivityHub.Web;

namespace ActivityHub.Hub.Limits;

/// <summary>Counts the requests to the role's routes: by client before any query, by account once it is known.</summary>
internal static class LimitRequests
{
    public static void UseClientLimits(this IApplicationBuilder app) => app.Use((http, next) =>
        Has(http, EntryLimit.Client)
            ? CountAsync(http, next, http.RequestServices.GetRequiredService<RequestLimits>().OfClient(http.Connection.RemoteIpAddress))
            : next(http));

    /// <summary>After the routes' authorization.</summary>
    public static void UseAccountLimits(this IApplicationBuilder app) => app.Use((http, next) =>
        Has(http, EntryLimit.Account) && http.RequestServices.GetRequiredService<RequestLimits>().OfAccount(http.User) is { } quota
            ? CountAsync(http, next, quota)
            : next(http));

    private static bool Has(HttpContext http, EntryLimit limit) =>
        http.GetEndpoint()?.Metadata.GetMetadata<EntryPoint>() is { } entry && entry.Limits.HasFlag(limit);

    private static Task CountAsync(HttpContext http, RequestDelegate next, RequestQuota quota) =>
        RateLimitHeaders.Count(http, quota) is { } problem ? problem.WriteAsync(http) : next(http);
}
