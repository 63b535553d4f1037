using ActivityHub.FeedApi.Limits;
using ActivityHub.Web;

namespace ActivityHub.Hub.Limits;

/// <summary>Counts what opens nothing on the role's routes, with the requests that open no feed: see <see cref="WrongKeys"/>.</summary>
internal static class GuessedKeys
{
    /// <summary>Said at a door: the request has opened nothing. The answer is counted by <see cref="SlowsGuessing"/>.</summary>
    public static void Note(HttpContext http) => http.Features.Set(new OpenedNothing());

    /// <summary>Routes whose key is for the handler to look at.</summary>
    public static RouteGroupBuilder SlowsGuessing(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (context, next) =>
        {
            var answer = await next(context);
            return context.HttpContext.Features.Get<OpenedNothing>() is null ? answer : Slowed(context.HttpContext) ?? answer;
        });
        return group;
    }

    /// <summary>Null where the client has not sent too many.</summary>
    public static IResult? Slowed(HttpContext http)
    {
        var keys = http.RequestServices.GetRequiredService<WrongKeys>();
        var quota = keys.Take(http.Connection.RemoteIpAddress);
        RateLimitHeaders.Add(http.Response, quota);
        return quota.IsKept ? null : Problem.TooMany(keys.Explanation, quota.RetryAfter);
    }

    private sealed record OpenedNothing;
}
