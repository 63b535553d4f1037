using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using ActivityHub.Hub.Pages.Assets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace ActivityHub.Hub.Pages.Docs;

/// <summary>Shows the documentation that was built with this program, so it describes this version.</summary>
internal static class DocPages
{
    private const string Prefix = "doc/";

    private static readonly FrozenDictionary<string, string> Texts = Read();
    private static readonly ConcurrentDictionary<string, DocText> Rendered = new(StringComparer.Ordinal);

    // In the order in which a newcomer would read them; the others come after, by name.
    private static readonly string[] First = ["http-api", "problems", "phones", "subscribing", "operations", "security", "performance",
        "states"];

    public static void MapDocs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/docs", (Delegate)Index);
        routes.MapGet("/docs/api", (Delegate)Reference);
        routes.MapGet("/docs/api/scalar.js", (Delegate)ScalarScript);
        routes.MapGet("/docs/{**document}", Show);
    }

    private static ContentHttpResult Index(HttpContext http)
    {
        var body = new StringBuilder("<h1>Documentation</h1><p class=\"lead\">Of this very version: it is carried in the program.</p><ul>");
        foreach (var name in Names().Where(name => !name.Contains('/', StringComparison.Ordinal) && name != "README"))
        {
            body.Append($"<li><a href=\"/docs/{Html.Encode(name)}\">{Html.Encode(Document(name).Title)}</a></li>");
        }

        body.Append(
            "</ul><p><a href=\"/docs/api\">The API, address by address</a>, and its <a href=\"/openapi/v1.json\">description as "
            + "OpenAPI</a>.</p><h2>Decisions</h2><ul>");
        foreach (var name in Names().Where(name => name.StartsWith("decisions/", StringComparison.Ordinal)))
        {
            body.Append($"<li><a href=\"/docs/{Html.Encode(name)}\">{Html.Encode(Document(name).Title)}</a></li>");
        }

        return Kept(http, Html.Page(http.Response, "Documentation", body.Append("</ul>").ToString()));
    }

    private static IResult Show(HttpContext http, string document)
    {
        if (document.StartsWith("examples/", StringComparison.Ordinal) && Texts.TryGetValue(document, out var example))
        {
            return TypedResults.Text(example, "text/plain; charset=utf-8");
        }

        if (document.StartsWith("grafana/", StringComparison.Ordinal) && Texts.TryGetValue(document, out var dashboard))
        {
            return TypedResults.Text(dashboard, "application/json; charset=utf-8");
        }

        // The folder: its pages stand on the first one.
        if (document.TrimEnd('/') == "decisions")
        {
            return Index(http);
        }

        var name = document.EndsWith(".md", StringComparison.Ordinal) ? document[..^3] : document;
        return Texts.ContainsKey(name)
            ? Kept(
                http,
                Html.Page(
                    http.Response, Document(name).Title, $"<p><a href=\"/docs\">Documentation</a></p>{Document(name).Html}", isWide: true))
            : RazorPage.NotFound(http);
    }

    // The one page with styles of its own making: the reference writes them as it runs. It asks this hub alone all the same.
    private static ContentHttpResult Reference(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return Kept(http, TypedResults.Content(
            Html.BelowBase(http.Request.PathBase, $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>The API</title>
                <link rel="icon" href="{AssetStore.PathOf("icon.svg")}"></head>
            <body><div id="reference" data-url="/openapi/v1.json"></div><script src="/docs/api/scalar.js"></script>
                <script src="{AssetStore.PathOf("reference.js")}"></script></body>
            </html>
            """), "text/html; charset=utf-8"));
    }

    // It comes with its package, which would write a page with scripts in it.
    private static IResult ScalarScript(HttpContext http)
    {
        var script = typeof(ScalarOptions).Assembly.GetManifestResourceStream("ScalarStaticAssets.scalar.js")!;
        if (script.ReadByte() == 0x1f && script.ReadByte() == 0x8b)
        {
            http.Response.Headers[HeaderNames.ContentEncoding] = "gzip";
        }

        script.Position = 0;
        http.Response.Headers[HeaderNames.CacheControl] = "public, max-age=86400";
        return TypedResults.Stream(script, "text/javascript; charset=utf-8");
    }

    private static ContentHttpResult Kept(HttpContext http, ContentHttpResult page)
    {
        // Its header differs for a signed-in owner.
        http.Response.Headers[HeaderNames.CacheControl] = "private, no-cache";
        return page;
    }

    private static DocText Document(string name) => Rendered.GetOrAdd(name, static found => DocText.Render(found, Texts[found]));

    private static IEnumerable<string> Names() =>
        Texts.Keys.OrderBy(name => Array.IndexOf(First, name) is >= 0 and var at ? at : First.Length)
            .ThenBy(name => name, StringComparer.Ordinal);

    private static FrozenDictionary<string, string> Read()
    {
        var assembly = typeof(DocPages).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(
            name => name[Prefix.Length..].Replace('\\', '/').Replace(".md", "", StringComparison.Ordinal),
            name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            },
            StringComparer.Ordinal);
    }
}
