using ActivityHub.Web;

namespace ActivityHub.FeedApi.Reading;

/// <summary>What every answer to a reader carries, and the one answer to whoever may not see a feed.</summary>
internal static class ReaderHeaders
{
    /// <summary>Tells that updates are missing between what the reader had and what follows: <c>from-to</c>, or <c>yes</c> where the view hides something.</summary>
    public const string Gap = "Hub-Gap";

    private static readonly Problem NotFound = ProblemTypes.NotFound.With(
        "There is no such feed or update, or it is not open to you. Give the reader key as ?key=, as \"Authorization: Bearer …\" or as the "
        + "password of Basic; a feed's documents end in .atom, .rss, .json, .js or .geojson.");

    public static void Apply(HttpResponse response)
    {
        var headers = response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "ETag, Hub-Gap, Link, Last-Modified, RateLimit, RateLimit-Policy, Retry-After";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
    }

    public static Task NotFoundAsync(HttpContext context) => NotFound.WriteAsync(context);

    public static Task AnswerPreflight(HttpContext context)
    {
        Apply(context.Response);
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = "GET, HEAD";
        headers.AccessControlAllowHeaders = "Authorization, If-None-Match, If-Modified-Since, Last-Event-ID";
        headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
