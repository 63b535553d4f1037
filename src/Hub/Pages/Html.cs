using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Pages;

/// <summary>The frame of the pages: self-contained, without inline scripts, and with a policy that lets nothing else in.</summary>
internal static class Html
{
    private const string Style = """
        :root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif }
        body { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
        h1 { font-size: 1.7rem; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
        p.lead { margin-top: 0; opacity: .8 }
        pre { padding: .9rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: .5rem; font-size: .85rem; line-height: 1.45 }
        code { font-family: ui-monospace, monospace } a { color: inherit }
        form { display: inline-block; margin: 0 .5rem 0 0 } form.wide { display: grid; gap: .6rem; max-width: 24rem; margin: .5rem 0 1rem }
        input { font: inherit; padding: .35rem .5rem; width: 100%; box-sizing: border-box } .fault { border-left: 3px solid #c33; padding-left: .75rem } button { font: inherit; padding: .3rem .8rem }
        table { border-collapse: collapse; width: 100%; font-size: .9rem } th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem } dt { opacity: .7 } dd { margin: 0 }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; frame-ancestors 'none'; form-action ";

    public static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? "");

    /// <summary>A page around <paramref name="body"/>, which is HTML already.</summary>
    /// <param name="response">Gets the headers.</param>
    /// <param name="title">Plain text.</param>
    /// <param name="body">HTML.</param>
    /// <param name="hasForms">True where its forms may be sent to where it came from.</param>
    /// <param name="script">The path of a script of the hub's own, which may also ask the hub; null for none.</param>
    /// <param name="formsLeadTo">
    /// Another address that the answer to a form may redirect to: its origin is let in, since browsers hold <c>form-action</c> against
    /// redirects too. Checked by the caller; for a consent page alone.
    /// </param>
    /// <param name="status">The answer's status.</param>
    /// <param name="goTo">A path of the hub where the browser goes at once; null to stay.</param>
    public static ContentHttpResult Page(
        HttpResponse response, string title, string body, bool hasForms = false, string? script = null, Uri? formsLeadTo = null,
        int status = StatusCodes.Status200OK, string? goTo = null)
    {
        response.Headers.ContentSecurityPolicy =
            $"{Policy}{(hasForms ? "'self'" : "'none'")}{(formsLeadTo is null ? "" : $" {OriginOf(formsLeadTo)}")}{(script is null ? "" : "; script-src 'self'; connect-src 'self'")}";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)}</title>
            <style>{Style}</style>{(script is null ? "" : $"<script src=\"{Encode(script)}\" defer></script>")}{(goTo is null ? "" : $"<meta http-equiv=\"refresh\" content=\"0;url={Encode(goTo)}\">")}
            </head>
            <body>
            {body}
            </body>
            </html>
            """,
            "text/html; charset=utf-8",
            contentEncoding: null,
            status);
    }

    // One source of the policy and no more: the name as it travels, which has no character that would begin another. A policy has no way to name an
    // IPv6 address: there the scheme stands for it.
    private static string OriginOf(Uri url) => url.HostNameType == UriHostNameType.IPv6
        ? url.Scheme + ":"
        : $"{url.Scheme}://{url.IdnHost}{(url.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{url.Port}"))}";
}
