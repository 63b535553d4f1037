using System.Data.Common;

namespace ActivityHub.FeedApi.Web;

/// <summary>
/// A database that is away is a 503 with <c>Retry-After</c>, never a stack trace: whoever asks again later is served, without a restart.
/// </summary>
internal sealed partial class UnavailableProblem(TimeProvider time, ILogger<UnavailableProblem> logger) : IEndpointFilter
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private long _nextLog;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (IsOfDatabase(exception) && !context.HttpContext.Response.HasStarted)
        {
            LogNowAndThen((context.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, exception);
            await Problem.Unavailable("The database cannot be reached just now; ask again.", RetryAfter).WriteAsync(context.HttpContext);
            return Results.Empty;
        }
    }

    /// <summary>EF Core wraps what its retries gave up on in an InvalidOperationException; a pool without a free connection times out.</summary>
    public static bool IsOfDatabase(Exception exception) =>
        exception is (DbException or TimeoutException) || exception.InnerException is (DbException or TimeoutException);

    // Thousands of callers find the same at once; a line a second and route tells it as well.
    private void LogNowAndThen(string? route, Exception exception)
    {
        var now = time.GetTimestamp();
        var next = Volatile.Read(ref _nextLog);
        if (now >= next && Interlocked.CompareExchange(ref _nextLog, now + time.TimestampFrequency, next) == next)
        {
            Log.Away(logger, route, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The database could not be reached for {Route}; callers get a 503")]
        public static partial void Away(ILogger logger, string? route, Exception exception);
    }
}
