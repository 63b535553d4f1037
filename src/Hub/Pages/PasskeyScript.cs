using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Pages;

/// <summary>The one script of the pages, which a passkey cannot do without. Its address changes with it, so that a browser may keep it.</summary>
internal static class PasskeyScript
{
    private static readonly byte[] Bytes = Read();

    public static readonly string Path = $"/assets/passkeys-{Convert.ToHexStringLower(SHA256.HashData(Bytes))[..12]}.js";

    public static void MapPasskeyScript(this IEndpointRouteBuilder routes) => routes.MapGet(Path, Show).ExcludeFromDescription();

    private static IResult Show(HttpContext http)
    {
        http.Response.Headers[HeaderNames.CacheControl] = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(Bytes, "text/javascript; charset=utf-8");
    }

    private static byte[] Read()
    {
        using var stream = typeof(PasskeyScript).Assembly.GetManifestResourceStream("passkeys.js")
            ?? throw new InvalidOperationException("The script is not in the assembly.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
