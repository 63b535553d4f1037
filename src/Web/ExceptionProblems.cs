using System.Diagnostics;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace ActivityHub.Web;

/// <summary>
/// Answers an exception that left an endpoint with a problem document: a database that is away is a 503 with <c>Retry-After</c>, a body
/// that Kestrel refuses keeps its status, everything else is a 500 that says nothing about the inside. It logs both, since the middleware
/// logs nothing that a handler has handled.
/// </summary>
public sealed partial class ExceptionProblems(ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await Answer(httpContext, exception).WriteAsync(httpContext);
        return true;
    }

    private Problem Answer(HttpContext context, Exception exception)
    {
        if (exception is BadHttpRequestException bad)
        {
            return bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? ProblemTypes.TooLarge.With("The body is larger than this address takes; send less at a time.")
                : ProblemTypes.Body.With("The request could not be read to its end; send it again.") with { Status = bad.StatusCode };
        }

        // The route's template, never the address: that may carry a key. The middleware has taken the endpoint off the context by now.
        var route = (context.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText
            ?? "an unknown route";
        if (!DatabaseFault.IsAway(exception))
        {
            Log.Failed(logger, route, Activity.Current?.TraceId.ToHexString(), exception);
            return ProblemTypes.Internal.With(
                "The hub failed, and its log has the reason. Send the request again; if it fails again, report the traceId to the operator "
                + "of this hub.");
        }

        Log.Away(logger, route, exception);
        return UnavailableProblem.Of();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The database could not be reached by {Route}: answered 503")]
        public static partial void Away(ILogger logger, string route, Exception exception);

        [LoggerMessage(2, LogLevel.Error,
            "A request to {Route} failed and was answered 500 (traceId {TraceId}): a fault of the hub; please report it with this message")]
        public static partial void Failed(ILogger logger, string route, string? traceId, Exception exception);
    }
}
