using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>What the pages may load from elsewhere: section <c>Pages</c>.</summary>
public sealed class PageOptions
{
    public const string Section = "Pages";

    /// <summary>
    /// Map tiles, as <c>https://tiles.example/{z}/{x}/{y}.png</c>. Each request for one reveals to that server where a phone is.
    /// </summary>
    /// <value>Default none: outlines of the world that the hub carries itself.</value>
    public Uri? TileUrl { get; set; }
}

internal sealed class PageOptionsValidator : IValidateOptions<PageOptions>
{
    public ValidateOptionsResult Validate(string? name, PageOptions options) =>
        options.TileUrl is null || (options.TileUrl.IsAbsoluteUri && options.TileUrl.Scheme is "http" or "https")
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Pages:TileUrl is \"{options.TileUrl}\"; set an http or https address with {{z}}, {{x}} and {{y}} in it, or leave it "
                + $"out.");
}
