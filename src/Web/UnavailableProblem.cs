using ActivityHub.Ledger.Storage;

namespace ActivityHub.Web;

/// <summary>
/// Answers 503 with <c>Retry-After</c> while the database is unavailable, never a stack trace: a client that repeats the request later is
/// served, without a restart.
/// </summary>
public sealed partial class UnavailableProblem(TimeProvider time, ILogger<UnavailableProblem> logger) : IEndpointFilter
{
    private long _nextLog;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception) && !context.HttpContext.Response.HasStarted)
        {
            LogNowAndThen((context.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, exception);
            await Of().WriteAsync(context.HttpContext);
            return Results.Empty;
        }
    }

    /// <summary>The answer of every role while the database is away.</summary>
    public static Problem Of() =>
        Problem.Unavailable("The database cannot be reached just now; nothing was changed. Send it again.", RetryLater.Moment);

    // Thousands of requests fail at the same time; one line a second and route is enough.
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
