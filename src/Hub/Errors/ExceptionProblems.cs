using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Errors;

/// <summary>
/// What nobody caught, as a problem document: a database that is away is a 503 with <c>Retry-After</c>, a body that Kestrel refuses keeps
/// its status, all else is a 500 that says nothing of the inside.
/// </summary>
internal sealed partial class ExceptionProblems(ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = Answer(httpContext, exception);
        if (problem is null)
        {
            return false;
        }

        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private ProblemHttpResult? Answer(HttpContext context, Exception exception)
    {
        if (exception is BadHttpRequestException bad)
        {
            return bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Problems.Status(bad.StatusCode, "Too large.", "The body is larger than this address takes; send less at a time.")
                : Problems.Status(bad.StatusCode, "The request is not valid.", "The request could not be read to its end; send it again.");
        }

        if (!DatabaseFault.IsAway(exception))
        {
            return null;
        }

        // The route's template, never the address: that may carry a key.
        Log.Away(logger, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "", exception);
        return Problems.Later(context, StatusCodes.Status503ServiceUnavailable, RetryAfter,
            "The database cannot be reached; nothing was changed. Send it again.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The database could not be reached by {Route}: answered 503")]
        public static partial void Away(ILogger logger, string route, Exception exception);
    }
}
