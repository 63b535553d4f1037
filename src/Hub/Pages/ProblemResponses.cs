using System.Net.Http.Headers;
using ActivityHub.Ledger.Keys;
using ActivityHub.Web;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Pages;

/// <summary>
/// Gives a problem document, or to a browser a page, to every refusal that left without a body: unknown paths, wrong methods, missing keys,
/// faulty requests of apps.
/// </summary>
internal static class ProblemResponses
{
    public static void UseErrorPages(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(page => For(page.HttpContext).ExecuteAsync(page.HttpContext));
    }

    // A person with a browser gets a page; who asks for anything gets the problem document.
    private static IResult For(HttpContext context) => IsPerson(context.Request) ? PageFor(context) : ProblemFor(context);

    private static bool IsPerson(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsPost(request.Method)) &&
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    private static ContentHttpResult PageFor(HttpContext context)
    {
        var status = context.Response.StatusCode;
        context.Response.Headers.CacheControl = "no-store";
        if (context.GetOpenIddictServerResponse() is { Error: { } error } refused)
        {
            // Faults that may be sent to the app are sent; the person sees the others, since the address of the app may not be its own.
            return Html.Page(context.Response, "The app's request is faulty", $"""
                <h1>The app's request is faulty</h1>
                <p>An app has sent you here to ask for access, and its request cannot be answered:
                    {Html.Encode(refused.ErrorDescription ?? "it is not as it should be.")}</p>
                <p>Nothing was given to it. Go back to the app and try again; if it happens again, tell the app's developer:
                    <code>{Html.Encode(error)}</code>.</p>
                """, status: status);
        }

        var (title, text) = status switch
        {
            StatusCodes.Status401Unauthorized =>
                ("Not signed in", "This page needs an account. <a href=\"/sign-in\">Sign in</a>, then open it again."),
            StatusCodes.Status403Forbidden => ("Not allowed", "This needs an administrator's account."),
            StatusCodes.Status404NotFound =>
                ("There is nothing here", "This address leads nowhere; it may have been copied in part, or what it named is gone."),
            StatusCodes.Status405MethodNotAllowed =>
                ("Nothing to look at", "This address is for programs: it takes what they send, and shows nothing."),
            _ => ("It did not work", $"The hub answered {status}. Go back and try again."),
        };
        return Html.Page(
            context.Response, title, $"<h1>{title}</h1>\n<p>{text}</p>\n<p><a href=\"/\">The first page of this hub</a></p>",
            status: status);
    }

    private static Problem ProblemFor(HttpContext context) => context.Response.StatusCode switch
    {
        var status when context.GetOpenIddictServerResponse() is { Error: { } error } refused =>
            ProblemTypes.AppRequest.With(refused.ErrorDescription ?? "It is not as it should be.") with { Status = status, Error = error },
        StatusCodes.Status401Unauthorized => ProblemTypes.NotSignedIn.With(
            $"{Mistaken(context)}Send Authorization: Bearer and an account token; POST /api/tokens gives one."),
        StatusCodes.Status403Forbidden => ProblemTypes.Forbidden.With("This needs an administrator's account."),
        _ => ProblemRegistration.OfStatus(context),
    };

    // Decided by the prefix alone, so the answer does not reveal whether the key exists.
    private static string Mistaken(HttpContext context) =>
        AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) &&
            AccessKey.KindOf(header.Parameter) is { } kind &&
        !header.Parameter!.StartsWith(AccessKey.TokenPrefix, StringComparison.Ordinal)
            ? $"This is {kind}; an account token is wanted here, one that begins with {AccessKey.TokenPrefix}. "
            : "";
}
