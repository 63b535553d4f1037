using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace ActivityHub.Web;

/// <summary>
/// What nobody caught, as a problem document: a database that is away is a 503 with <c>Retry-After</c>, a body that Kestrel refuses keeps
/// its status, all else is a 500 that says nothing of the inside.
/// </summary>
public sealed partial class ExceptionProblems(ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = Answer(httpContext, exception);
        if (problem is null)
        {
            return false;
        }

        await problem.WriteAsync(httpContext);
        return true;
    }

    private Problem? Answer(HttpContext context, Exception exception)
    {
        if (exception is BadHttpRequestException bad)
        {
            return bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? ProblemTypes.TooLarge.With("The body is larger than this address takes; send less at a time.")
                : ProblemTypes.Body.With("The request could not be read to its end; send it again.") with { Status = bad.StatusCode };
        }

        if (!DatabaseFault.IsAway(exception))
        {
            return ProblemTypes.Internal.With("Something went wrong inside the hub, and its log says what. Send the request again; if it fails again, tell whoever runs this hub the traceId.");
        }

        // The route's template, never the address: that may carry a key.
        Log.Away(logger, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "", exception);
        return UnavailableProblem.Of();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The database could not be reached by {Route}: answered 503")]
        public static partial void Away(ILogger logger, string route, Exception exception);
    }
}
