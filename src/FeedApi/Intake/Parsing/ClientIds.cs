using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Makes a client id from the values that are equal in each repeat of a message. It is a digest: no id contains a place or the name of a
/// network.
/// </summary>
internal static class ClientIds
{
    private const int Kept = 15;

    /// <param name="format">The format's name: two formats never share an id.</param>
    /// <param name="parts">The values, in order; null counts as empty.</param>
    public static string Of(string format, params ReadOnlySpan<object?> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part switch
            {
                null => "",
                DateTimeOffset time => time.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture),
                IFormattable value => value.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
                _ => part.ToString(),
            }).Append('\u001F');
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        return $"{format}-{TimeIn(parts)}{Base64Url.EncodeToString(hash[..Kept])}";
    }

    // Phones report in order of time, so ids that begin with the time are close to each other in the index that finds repeats.
    private static string TimeIn(ReadOnlySpan<object?> parts)
    {
        foreach (var part in parts)
        {
            if (part is DateTimeOffset time)
            {
                return time.ToUnixTimeSeconds().ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return "";
    }
}
