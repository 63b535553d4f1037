using System.Data.Common;

namespace ActivityHub.FeedApi.Web;

/// <summary>
/// A database that is away is a 503 with <c>Retry-After</c>, never a stack trace: whoever asks again later is served, without a restart.
/// </summary>
internal sealed partial class UnavailableProblem(ILogger<UnavailableProblem> logger) : IEndpointFilter
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (IsOfDatabase(exception) && !context.HttpContext.Response.HasStarted)
        {
            Log.Away(logger, (context.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, exception);
            await Problem.Unavailable("The database cannot be reached just now; ask again.", RetryAfter).WriteAsync(context.HttpContext);
            return Results.Empty;
        }
    }

    /// <summary>EF Core wraps what its retries gave up on in an InvalidOperationException; a pool without a free connection times out.</summary>
    public static bool IsOfDatabase(Exception exception) =>
        exception is (DbException or TimeoutException) || exception.InnerException is (DbException or TimeoutException);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The database could not be reached for {Route}; the caller got a 503")]
        public static partial void Away(ILogger logger, string? route, Exception exception);
    }
}
