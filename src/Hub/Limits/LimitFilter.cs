using ActivityHub.Hub.Owners;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Limits;

/// <summary>Puts the limits before the routes that make something, wherever those are mapped.</summary>
internal static class LimitFilter
{
    private static readonly Dictionary<string, Func<CountLimits, Owner, HttpContext, Task<ProblemHttpResult?>>> Rules = new(StringComparer.Ordinal)
    {
        ["/api/devices"] = (limits, owner, http) => limits.RefuseDeviceAsync(owner, http.RequestAborted),
        ["/api/feeds/{feed}/grants"] = (limits, owner, http) => limits.RefuseGrantAsync(owner, Feed(http), http.RequestAborted),
        ["/api/feeds/{feed}/subscriptions"] = (limits, owner, http) => limits.RefuseWebhookAsync(owner, Feed(http), http.RequestAborted),
    };

    public static TBuilder WithCountLimits<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(ApplyAsync);

    private static async ValueTask<object?> ApplyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsPost(http.Request.Method) && (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route &&
            Rules.TryGetValue(route, out var rule) &&
            await rule(http.RequestServices.GetRequiredService<CountLimits>(), await Owner.BindAsync(http), http) is { } refusal)
        {
            return refusal;
        }

        return await next(context);
    }

    private static string Feed(HttpContext http) => http.GetRouteValue("feed") as string ?? "";
}
