using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityHub.Hub.Pages.Assets;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Pages.Phone;

/// <summary>
/// Turns this browser into a phone: a page that can be installed, works without a connection, and needs no account. The pairing secret is
/// in the fragment of its address or in its own storage, and so reaches the hub only with the phone's updates.
/// </summary>
internal static class PhonePage
{
    public const string Path = "/phone";

    private static readonly string[] KeptPaths = [Path, AssetStore.PathOf("app.css"), AssetStore.PathOf("photo.js"),
        AssetStore.PathOf("phone.js"), AssetStore.PathOf("icon.svg")];

    public static void MapPhonePage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (Delegate)Show).ExcludeFromDescription();
        routes.MapGet(Path + "/manifest.webmanifest", Manifest).ExcludeFromDescription();
        routes.MapGet(Path + "/worker.js", Worker).ExcludeFromDescription();
    }

    private static async Task<Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult> Show(HttpContext http)
    {
        var page = await RazorPage.ShowAsync<PhoneView>(http, new("Phone", ["photo.js", "phone.js"]) { IsWide = false, Acts = false }, []);
        // The page is the same for every visitor, and must be available without a connection.
        http.Response.Headers[HeaderNames.CacheControl] = "no-cache";
        http.Response.Headers["Permissions-Policy"] =
            "geolocation=(self), accelerometer=(self), gyroscope=(self), camera=(), microphone=(), display-capture=(), payment=(), usb=()";
        return page;
    }

    private static IResult Manifest(HttpContext http)
    {
        http.Response.Headers[HeaderNames.CacheControl] = "no-cache";
        return TypedResults.Text(
            JsonSerializer.Serialize(new
            {
                name = "Activity Hub phone",
                short_name = "Phone",
                start_url = http.Request.PathBase + Path,
                scope = http.Request.PathBase + Path,
                display = "standalone",
                background_color = "#fbfaf7",
                theme_color = "#0b6b57",
                icons = new[] { new { src = http.Request.PathBase + AssetStore.PathOf("icon.svg"), sizes = "any", type = "image/svg+xml",
                    purpose = "any" } },
            }),
            "application/manifest+json");
    }

    private static IResult Worker(HttpContext http)
    {
        // It stands below the page that it keeps, and asks the hub alone.
        http.Response.Headers["Service-Worker-Allowed"] = http.Request.PathBase + Path;
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        http.Response.Headers[HeaderNames.CacheControl] = "no-cache";
        var files = JsonSerializer.Serialize(KeptPaths.Select(path => http.Request.PathBase + path));
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(files)))[..12];
        return TypedResults.Text(
            Encoding.UTF8.GetString(AssetStore.BytesOf("worker.js")).Replace("__VERSION__", version, StringComparison.Ordinal)
                .Replace("__FILES__", files, StringComparison.Ordinal)
                .Replace("__PHONE__", JsonEncodedText.Encode(http.Request.PathBase + Path).Value, StringComparison.Ordinal),
            "text/javascript; charset=utf-8");
    }
}
