using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using ActivityHub.Hub.Pages.Assets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Pages;

/// <summary>The frame of the pages: nothing inline, nothing of another host, and a policy that says so.</summary>
internal static partial class Html
{
    /// <summary>The policy by which a page loads only resources of the hub.</summary>
    private const string Policy =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        + "form-action ";

    public static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? "");

    /// <summary>Writes a page around <paramref name="body"/>, which is HTML already.</summary>
    /// <param name="response">Gets the headers.</param>
    /// <param name="title">Plain text.</param>
    /// <param name="body">HTML.</param>
    /// <param name="hasForms">True where its forms may be posted to this hub.</param>
    /// <param name="scripts">Names of assets; they may also call the hub, and no other host.</param>
    /// <param name="formsLeadTo">Another address to which the answer of a form may redirect: its origin is allowed, since browsers apply
    /// <c>form-action</c> to redirects too. Checked by the caller; for a consent page alone.</param>
    /// <param name="status">The status of the response.</param>
    /// <param name="goTo">A path of the hub where the browser goes at once; null to stay.</param>
    /// <param name="styles">Names of assets beside the common one.</param>
    /// <param name="isWide">True for a page with columns.</param>
    /// <param name="acts">True where its scripts call the API for the signed-in owner.</param>
    /// <param name="imagesFrom">An origin from which images are allowed: the tile server that the operator has set.</param>
    public static ContentHttpResult Page(
        HttpResponse response, string title, string body, bool hasForms = false, IReadOnlyList<string>? scripts = null,
        Uri? formsLeadTo = null, int status = StatusCodes.Status200OK, string? goTo = null, IReadOnlyList<string>? styles = null,
        bool isWide = false, bool acts = false, Uri? imagesFrom = null)
    {
        scripts ??= [];
        response.Headers.ContentSecurityPolicy =
            (imagesFrom is null ? Policy : Policy.Replace("data:", $"data: {OriginOf(imagesFrom)}", StringComparison.Ordinal)) +
            (hasForms || acts ? "'self'" : "'none'") +
            (formsLeadTo is null ? "" : $" {OriginOf(formsLeadTo)}") +
            (scripts.Count == 0 ? "" : "; script-src 'self'; connect-src 'self'; worker-src 'self'");
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        var head = new StringBuilder();
        foreach (var style in (IEnumerable<string>)["app.css", .. styles ?? []])
        {
            head.Append(CultureInfo.InvariantCulture, $"<link rel=\"stylesheet\" href=\"{AssetStore.PathOf(style)}\">\n");
        }

        foreach (var script in scripts)
        {
            head.Append(CultureInfo.InvariantCulture, $"<script src=\"{AssetStore.PathOf(script)}\" defer></script>\n");
        }

        if (acts)
        {
            head.Append(
                CultureInfo.InvariantCulture,
                $"<meta name=\"page-token\" content=\"{Encode(PageRoutes.TokenOf(response.HttpContext))}\">\n");
        }

        if (goTo is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"<meta http-equiv=\"refresh\" content=\"0;url={Encode(goTo)}\">\n");
        }

        return TypedResults.Content(
            BelowBase(response.HttpContext.Request.PathBase, $"""
            <!doctype html>
            <html lang="en"{(response.HttpContext.Request.PathBase is { HasValue: true } below ? $" data-base=\"{Encode(below)}\"" : "")}>
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)}</title>
            <link rel="icon" href="{AssetStore.PathOf("icon.svg")}" type="image/svg+xml">
            {head}</head>
            <body>
            <a class="skip" href="#content">To the content</a>
            {Navigation.Of(response.HttpContext)}
            <main id="content" class="{(isWide ? "wide" : "narrow")}">
            {body.Replace("<pre>", "<pre tabindex=\"0\">", StringComparison.Ordinal)}
            </main>
            </body>
            </html>
            """),
            "text/html; charset=utf-8",
            contentEncoding: null,
            status);
    }

    /// <summary>
    /// Puts the path of the public URL before every address of the page, links, forms, assets and what its scripts ask alike: they are
    /// written as paths of the hub.
    /// </summary>
    public static string BelowBase(PathString path, string html) =>
        path.HasValue ? Addresses().Replace(html, $"$1{Encode(path.Value).Replace("$", "$$", StringComparison.Ordinal)}$2") : html;

    // Encoded text holds no quotation mark, so that what a person wrote is never taken for an attribute. data-base is the path itself.
    [GeneratedRegex(
        """((?: (?:href|src|action|formaction|data-(?!base=)[a-z-]+)="(?:(?:GET|POST|PUT|PATCH|DELETE) )?)|(?: content="0;url=))(/(?!/))""")]
    private static partial Regex Addresses();

    // One source of the policy and no more: the name as it travels, which has no character that would begin another. A policy has no way to
    // name an IPv6 address: there the scheme stands for it.
    private static string OriginOf(Uri url) => url.HostNameType == UriHostNameType.IPv6
        ? url.Scheme + ":"
        : $"{url.Scheme}://{url.IdnHost}{(url.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{url.Port}"))}";
}
