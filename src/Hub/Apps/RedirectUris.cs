namespace ActivityHub.Hub.Apps;

/// <summary>
/// Where an answer may be sent: https, or plain http to the machine's own address (RFC 8252 §7.3; its name, localhost, may be led
/// elsewhere, §8.3). Compared as they are; only the port of a loopback address is free, since a native app takes the one that it gets.
/// </summary>
internal static class RedirectUris
{
    public const int Most = 10;
    public const string Wanted =
        "absolute https URLs, or http with 127.0.0.1 or [::1], without user name and fragment, up to 500 characters each";

    private const int MaxLength = 500;

    public static bool IsAllowed(string text) =>
        text.Length <= MaxLength &&
            !text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character) || character is '*' or '\\') &&
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && !text.Contains('#', StringComparison.Ordinal) &&
        (uri.Scheme == Uri.UriSchemeHttps ? uri.Host.Length > 0 : IsLoopback(uri));

    public static bool IsLoopback(Uri uri) =>
        uri is { Scheme: "http", Host: "127.0.0.1" or "[::1]" };
}
