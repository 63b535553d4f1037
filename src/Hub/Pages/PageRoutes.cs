using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Pages;

/// <summary>The rules of all pages for signed-in owners: no cached copy, and every POST carries the token of its form.</summary>
internal static class PageRoutes
{
    private const int MaxFormBytes = 64 * 1024;

    public static RouteGroupBuilder MapPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapOpenPages().WithMetadata(new PageRoute(), new RequestSizeLimitAttribute(MaxFormBytes));
        pages.AddEndpointFilter(GuardAsync);
        return pages;
    }

    /// <summary>Maps public pages; their header shows a signed-in owner.</summary>
    public static RouteGroupBuilder MapOpenPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.AddEndpointFilter(KnowAsync);
        return pages;
    }

    /// <summary>The hidden field that every form has.</summary>
    public static string Token(HttpContext http)
    {
        var tokens = http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http);
        return $"""<input type="hidden" name="{tokens.FormFieldName}" value="{Html.Encode(tokens.RequestToken)}">""";
    }

    /// <summary>The same for a page that calls the API: it goes into a header.</summary>
    public static string? TokenOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken;

    private static async ValueTask<object?> KnowAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.User.Identity is not { IsAuthenticated: true } &&
            (await http.AuthenticateAsync(SessionCookie.Scheme)).Principal is { } known)
        {
            http.User = known;
        }

        return await next(context);
    }

    private static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        // Where the world reaches the hub by https, TLS may end before it: the browser's way is secure all the same.
        http.Request.Scheme = http.RequestServices.GetRequiredService<IOptions<HubOptions>>().Value.PublicUrl.Scheme;
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.TryAdd(HeaderNames.CacheControl, "no-store");
            return Task.CompletedTask;
        });
        return HttpMethods.IsPost(http.Request.Method) && !await IsOursAsync(http) ? Foreign(http) : await next(context);
    }

    private static async Task<bool> IsOursAsync(HttpContext http)
    {
        try
        {
            return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http);
        }
        catch (InvalidDataException)
        {
            // More fields than any form of ours has.
            return false;
        }
    }

    private static ContentHttpResult Foreign(HttpContext http) => Html.Page(http.Response, "Please try again", """
        <h1>Please try again</h1>
        <p>This form was open for too long, or it is not from this hub. Go back, load the page anew and send it once more.</p>
        <p><a href="/account">Your account</a></p>
        """, status: StatusCodes.Status400BadRequest);
}
