using ActivityHub.Web;

namespace ActivityHub.FeedApi.Reading;

/// <summary>Writes the headers of every answer to a reader, and the one answer to callers that may not see a feed.</summary>
internal static class ReaderHeaders
{
    /// <summary>
    /// Names the gap between the reader's last update and the next ones: <c>from-to</c>, or <c>yes</c> where the view hides updates.
    /// </summary>
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
