namespace ActivityHub.Web;

/// <summary>Problem documents for exceptions and for refusals that leave without a body.</summary>
public static class ProblemRegistration
{
    public static void AddProblems(this IServiceCollection services)
    {
        // The middleware asks for it, although the handler answers every exception.
        services.AddProblemDetails();
        services.AddExceptionHandler<ExceptionProblems>();
    }

    /// <summary>For a role without pages.</summary>
    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(page => OfStatus(page.HttpContext).WriteAsync(page.HttpContext));
    }

    /// <summary>The problem of a response that has a status and no body.</summary>
    public static Problem OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ProblemTypes.NotFound.With("There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed =>
            ProblemTypes.MethodNotAllowed.With($"This address takes {context.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType => ProblemTypes.MediaType.With(
            "Send the body in the type that this address takes, and name it in Content-Type; for /api that is application/json."),
        var status => ProblemTypes.OfStatus(status).With($"The hub answered {status}."),
    };
}
