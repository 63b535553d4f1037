using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Errors;

/// <summary>The answers that refuse: RFC 9457 problem documents that say what to send instead.</summary>
internal static class Problems
{
    public static ProblemHttpResult Invalid(IReadOnlyList<Fault> faults) => TypedResults.Problem(
        detail: faults.Count == 1 ? faults[0].Detail : $"{faults.Count} things are wrong with this request; errors names each.",
        statusCode: StatusCodes.Status400BadRequest,
        title: "The request is not valid.",
        extensions: Named(faults));

    public static ProblemHttpResult Invalid(string path, string detail) => Invalid([new Fault(path, detail)]);

    /// <summary>The same words for what does not exist and for what is somebody else's.</summary>
    public static ProblemHttpResult NotFound() => TypedResults.Problem(
        detail: "There is nothing of yours at this address.", statusCode: StatusCodes.Status404NotFound, title: "Not found.");

    public static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(
        detail: detail, statusCode: StatusCodes.Status409Conflict, title: "It conflicts with what is there.");

    public static ProblemHttpResult Status(int status, string title, string detail) =>
        TypedResults.Problem(detail: detail, statusCode: status, title: title);

    /// <summary>429 or 503, with <c>Retry-After</c> in whole seconds.</summary>
    public static ProblemHttpResult Later(HttpContext context, int status, TimeSpan retryAfter, string detail)
    {
        SetRetryAfter(context.Response, retryAfter);
        return TypedResults.Problem(
            detail: detail,
            statusCode: status,
            title: status == StatusCodes.Status429TooManyRequests ? "Too many requests." : "Not available just now.");
    }

    public static void SetRetryAfter(HttpResponse response, TimeSpan retryAfter) =>
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds)).ToString();

    private static Dictionary<string, object?> Named(IReadOnlyList<Fault> faults) => new() { ["errors"] = faults };
}
