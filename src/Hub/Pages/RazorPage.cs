using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Pages;

/// <summary>Renders a Razor component as a page of the hub: once, on the server, in the one frame.</summary>
internal static class RazorPage
{
    /// <summary>How the frame is to be around it.</summary>
    /// <param name="Title">Of the page.</param>
    /// <param name="Scripts">Names of assets.</param>
    /// <param name="Styles">Names of assets beside the common one.</param>
    public sealed record Look(string Title, IReadOnlyList<string>? Scripts = null, IReadOnlyList<string>? Styles = null)
    {
        public bool IsWide { get; init; } = true;

        public bool Acts { get; init; } = true;

        public bool HasForms { get; init; }

        public Uri? ImagesFrom { get; init; }

        public int Status { get; init; } = StatusCodes.Status200OK;
    }

    public static async Task<ContentHttpResult> ShowAsync<TComponent>(HttpContext http, Look look, Dictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetRequiredService<ILoggerFactory>());
        var body = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return Html.Page(
            http.Response, look.Title, body, hasForms: look.HasForms,
            scripts: [.. look.Scripts ?? [], .. look.Acts ? (IEnumerable<string>)["act.js"] : []], styles: look.Styles, isWide: look.IsWide,
            acts: look.Acts, imagesFrom: look.ImagesFrom, status: look.Status);
    }

    /// <summary>The same for a resource that does not exist, or is not the caller's.</summary>
    public static ContentHttpResult NotFound(HttpContext http) => Html.Page(http.Response, "Not found", """
        <h1>There is nothing here</h1>
        <p>This address leads nowhere, or to something that is not yours. <a href="/today">All your phones</a>.</p>
        """, status: StatusCodes.Status404NotFound);
}
