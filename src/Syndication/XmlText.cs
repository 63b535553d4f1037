using System.Buffers;
using System.Text;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// Writes text into an XML 1.0 document. The same escapes serve text and attributes. The formats write their fixed markup as UTF-8
/// literals, which need neither transcoding nor checks; the tests read every document back.
/// </summary>
internal static class XmlText
{
    /// <summary>
    /// Characters that XML forbids become U+FFFD. Tab, LF and CR are written as references, so that every normalisation keeps them.
    /// </summary>
    public static void WriteText(this IBufferWriter<byte> output, ReadOnlySpan<char> text) => Write(output, text, "&"u8);

    /// <summary>
    /// Text in an element whose content is HTML, which RSS says of <c>description</c>: escaped once as HTML and once as XML, so that
    /// no reader takes a phone's text for markup.
    /// </summary>
    public static void WriteHtml(this IBufferWriter<byte> output, ReadOnlySpan<char> text) => Write(output, text, "&amp;"u8);

    public static void WriteTime(this IBufferWriter<byte> output, DateTimeOffset time) =>
        output.Advance(WireForms.Rfc3339(time, output.GetSpan(WireForms.MaxLength)));

    public static void WriteRfc822(this IBufferWriter<byte> output, DateTimeOffset time) =>
        output.Advance(WireForms.Rfc822(time, output.GetSpan(WireForms.MaxLength)));

    public static void WriteUrn(this IBufferWriter<byte> output, Guid entryId) =>
        output.Advance(WireForms.EntryUrn(entryId, output.GetSpan(WireForms.MaxLength)));

    /// <summary>GeoRSS Simple: latitude first. Nothing where there is no place.</summary>
    public static void WritePoint(this IBufferWriter<byte> output, FeedUpdate update)
    {
        if (update.Lat is not { } lat || update.Lon is not { } lon)
        {
            return;
        }

        output.Write("<georss:point>"u8);
        output.Advance(WireForms.Degrees(lat, output.GetSpan(WireForms.MaxLength)));
        output.Write(" "u8);
        output.Advance(WireForms.Degrees(lon, output.GetSpan(WireForms.MaxLength)));
        output.Write("</georss:point>"u8);
    }

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> text, ReadOnlySpan<byte> ampersand)
    {
        while (true)
        {
            var plain = text.IndexOfAny(UnsafeCharacters.InXml);
            var run = plain < 0 ? text : text[..plain];
            if (run.Length > 0)
            {
                output.Advance(Encoding.UTF8.GetBytes(run, output.GetSpan(Encoding.UTF8.GetMaxByteCount(run.Length))));
            }

            if (plain < 0)
            {
                return;
            }

            text = text[plain..];
            text = text[WriteSuspect(output, text, ampersand)..];
        }
    }

    private static int WriteSuspect(IBufferWriter<byte> output, ReadOnlySpan<char> text, ReadOnlySpan<byte> ampersand)
    {
        if (char.IsHighSurrogate(text[0]) && text.Length > 1 && char.IsLowSurrogate(text[1]))
        {
            output.Advance(Encoding.UTF8.GetBytes(text[..2], output.GetSpan(4)));
            return 2;
        }

        var reference = text[0] switch
        {
            '<' => "lt;"u8,
            '>' => "gt;"u8,
            '&' => "amp;"u8,
            '"' => "quot;"u8,
            '\t' => "#x9;"u8,
            '\n' => "#xA;"u8,
            '\r' => "#xD;"u8,
            _ => default,
        };
        if (reference.IsEmpty)
        {
            output.Write("\uFFFD"u8);
            return 1;
        }

        output.Write(ampersand);
        output.Write(reference);
        return 1;
    }
}
