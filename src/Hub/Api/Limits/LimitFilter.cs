using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Limits;

/// <summary>Puts a limit before a route that makes something; said where the route is mapped.</summary>
internal static class LimitFilter
{
    /// <param name="route">Of the owner's API.</param>
    /// <param name="refuse">Says why there may be no more, or null.</param>
    public static RouteHandlerBuilder LimitedBy(
        this RouteHandlerBuilder route, Func<CountLimits, Owner, HttpContext, Task<Problem?>> refuse) =>
        route.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            return await refuse(http.RequestServices.GetRequiredService<CountLimits>(), await Owner.BindAsync(http), http)
                ?? await next(context);
        });

    /// <summary>The name of the feed that the address names.</summary>
    public static string FeedOf(HttpContext http) => http.GetRouteValue("feed") as string ?? "";
}
