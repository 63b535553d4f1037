using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Pages.Assets;

/// <summary>
/// The pages' styles and scripts, embedded in the program: the browser loads nothing from other hosts. An address changes with its
/// contents, so that a browser may cache it for ever.
/// </summary>
internal static class AssetStore
{
    private const string Prefix = "asset/";

    private static readonly FrozenDictionary<string, Asset> Known = Read();
    private static readonly FrozenDictionary<string, Asset> ByPath = Known.Values.ToFrozenDictionary(
        asset => asset.Path, StringComparer.Ordinal);

    /// <summary>Whether it was there when the program was built: what npm brings is not, where there was no Node.</summary>
    public static bool Has(string name) => Known.ContainsKey(name);

    /// <summary>Its address.</summary>
    public static string PathOf(string name) =>
        Known.TryGetValue(name, out var asset)
            ? asset.Path
            : throw new InvalidOperationException($"There is no asset {name} in the assembly.");

    public static byte[] BytesOf(string name) => Known[name].Bytes;

    public static void MapAssets(this IEndpointRouteBuilder routes) => routes.MapGet("/assets/{asset}", Show).ExcludeFromDescription();

    private static IResult Show(HttpContext http, string asset)
    {
        if (!ByPath.TryGetValue($"/assets/{asset}", out var found))
        {
            return TypedResults.NotFound();
        }

        http.Response.Headers[HeaderNames.CacheControl] = "public, max-age=31536000, immutable";
        http.Response.Headers[HeaderNames.Vary] = "Accept-Encoding";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (found.Packed is { } packed &&
            http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers[HeaderNames.ContentEncoding] = "gzip";
            return TypedResults.Bytes(packed, found.Type);
        }

        return TypedResults.Bytes(found.Bytes, found.Type);
    }

    private static FrozenDictionary<string, Asset> Read()
    {
        var assembly = typeof(AssetStore).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(resource =>
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return Asset.Of(resource[Prefix.Length..], bytes.ToArray());
        }).ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);
    }

    private sealed record Asset(string Name, string Path, string Type, byte[] Bytes, byte[]? Packed)
    {
        public static Asset Of(string name, byte[] bytes)
        {
            var extension = System.IO.Path.GetExtension(name);
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..12];
            var type = extension switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                ".json" => "application/json",
                ".svg" => "image/svg+xml",
                ".png" => "image/png",
                _ => "application/octet-stream",
            };
            return new Asset(
                name, $"/assets/{System.IO.Path.GetFileNameWithoutExtension(name)}-{hash}{extension}", type, bytes,
                extension == ".png" ? null : Pack(bytes));
        }

        private static byte[] Pack(byte[] bytes)
        {
            using var output = new MemoryStream();
            using (var packing = new GZipStream(output, CompressionLevel.SmallestSize))
            {
                packing.Write(bytes);
            }

            return output.ToArray();
        }
    }
}
