namespace ActivityHub.Hub.Pages;

/// <summary>The address after signing in: always a path of this hub, whatever the request names.</summary>
internal static class LocalUrl
{
    public const string Default = "/today";
    private const int MaxLength = 4096;

    /// <summary>
    /// What browsers read as the address of another host (<c>//</c>, and <c>/\</c>, which they take for it) is not local.
    /// </summary>
    public static string Of(string? url) =>
        url is { Length: > 0 and <= MaxLength } && url[0] == '/' && !(url.Length > 1 && url[1] is '/' or '\\') &&
        !url.Any(letter => char.IsControl(letter) || letter == '\\') && Uri.TryCreate(url, UriKind.Relative, out _)
            ? url
            : Default;
}
