using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Errors;

/// <summary>Gives a problem document to every refusal that left without a body: unknown paths, wrong methods, missing keys.</summary>
internal static class ErrorPages
{
    public static void AddErrorPages(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ExceptionProblems>();
    }

    public static void UseErrorPages(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(page => For(page.HttpContext).ExecuteAsync(page.HttpContext));
    }

    private static ProblemHttpResult For(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized =>
            Problems.Status(401, "Not signed in.", "Send Authorization: Bearer and an account token; POST /api/tokens gives one."),
        StatusCodes.Status403Forbidden => Problems.Status(403, "Not allowed.", "This needs an administrator's account."),
        StatusCodes.Status404NotFound => Problems.Status(404, "Not found.", "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed =>
            Problems.Status(405, "Method not allowed.", $"This address takes {context.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType =>
            Problems.Status(415, "Unsupported media type.",
                "Send the body in the type that this address takes, and name it in Content-Type; for /api that is application/json."),
        var status => TypedResults.Problem(statusCode: status),
    };
}
