using System.Buffers;

namespace ActivityHub.Syndication;

/// <summary>
/// The name of a JSONP function: 1 to 64 characters of <c>A-Z a-z 0-9 _ $</c>, not beginning with a digit. It lands in a script, so
/// nothing else is let in, dots and brackets included.
/// </summary>
public static class JsonpCallback
{
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$");

    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxLength && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(Allowed);
}
