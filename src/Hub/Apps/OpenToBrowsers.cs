namespace ActivityHub.Hub.Apps;

/// <summary>
/// Lets an app that runs in a browser ask from its own pages. No cookie counts on these routes, so every origin may (CORS with <c>*</c>).
/// </summary>
internal static class OpenToBrowsers
{
    public static void Apply(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.XContentTypeOptions = "nosniff";
    }

    public static IResult AnswerPreflight(HttpContext http)
    {
        Apply(http.Response);
        http.Response.Headers.AccessControlAllowMethods = "GET, POST";
        http.Response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type";
        http.Response.Headers.AccessControlMaxAge = "86400";
        return TypedResults.NoContent();
    }
}
