using System.Globalization;

namespace ActivityHub.Syndication;

/// <summary>
/// Times, names and numbers as every format writes them: ASCII, into a span of at least <see cref="MaxLength"/> bytes; each returns
/// how many it wrote.
/// </summary>
internal static class WireForms
{
    public const int MaxLength = 64;

    /// <summary>RFC 3339 with the time's own offset, <c>Z</c> for none; a fraction only if there is one, at most microseconds.</summary>
    public static int Rfc3339(DateTimeOffset time, Span<byte> utf8)
    {
        // "yyyy-MM-ddTHH:mm:ss.fffffff+hh:mm" without its seventh digit, trailing zeros and a bare point.
        const int fraction = 19;
        const int offset = 27;
        time.TryFormat(utf8, out _, "O", CultureInfo.InvariantCulture);
        var end = offset - 1;
        while (utf8[end - 1] == '0' && end > fraction + 1)
        {
            end--;
        }

        if (end == fraction + 1)
        {
            end--;
        }

        if (time.Offset == TimeSpan.Zero)
        {
            utf8[end] = (byte)'Z';
            return end + 1;
        }

        utf8.Slice(offset, 6).CopyTo(utf8[end..]);
        return end + 6;
    }

    /// <summary>RFC 822 with four digits for the year, in GMT: what RSS asks for.</summary>
    public static int Rfc822(DateTimeOffset time, Span<byte> utf8)
    {
        time.TryFormat(utf8, out var written, "R", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>The name of an entry in every format (RFC 9562): it says neither which feed nor which reader.</summary>
    public static int EntryUrn(Guid entryId, Span<byte> utf8)
    {
        "urn:uuid:"u8.CopyTo(utf8);
        entryId.TryFormat(utf8["urn:uuid:".Length..], out var written);
        return "urn:uuid:".Length + written;
    }

    /// <summary>Degrees as a plain decimal: GeoRSS readers split at blanks and parse digits, few know an exponent.</summary>
    public static int Degrees(double degrees, Span<byte> utf8)
    {
        degrees.TryFormat(utf8, out var written, Math.Abs(degrees) < 1e-4 ? "F9" : default, CultureInfo.InvariantCulture);
        return written;
    }
}
