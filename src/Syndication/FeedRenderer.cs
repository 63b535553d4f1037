using System.Buffers;
using System.Text;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// A feed as a document: UTF-8 without a byte order mark, the same bytes for the same arguments, so that they can be shared, compared
/// and signed.
/// </summary>
public static class FeedRenderer
{
    /// <summary>Writes the document. The updates have passed <see cref="View"/> and are given newest first.</summary>
    /// <exception cref="ArgumentException">The callback is not an identifier (<see cref="JsonpCallback"/>), or the format is not
    /// <see cref="FeedFormat.Js"/>; nothing is written.</exception>
    public static void Write(
        IBufferWriter<byte> output, FeedFormat format, FeedDescription feed, IReadOnlyList<FeedUpdate> newestFirst,
        string? jsonpCallback = null)
    {
        if (jsonpCallback is not null && (format != FeedFormat.Js || !JsonpCallback.IsValid(jsonpCallback)))
        {
            throw new ArgumentException("A callback has to be an identifier, and only the format js has one.", nameof(jsonpCallback));
        }

        switch (format)
        {
            case FeedFormat.Atom:
                AtomFormat.Write(output, feed, newestFirst);
                break;
            case FeedFormat.Rss:
                RssFormat.Write(output, feed, newestFirst);
                break;
            case FeedFormat.Js when jsonpCallback is not null:
                // The empty comment keeps the document from beginning with bytes that the caller chose (the "Rosetta Flash" attack).
                output.Write("/**/"u8);
                output.Write(Encoding.ASCII.GetBytes(jsonpCallback));
                output.Write("("u8);
                JsonFeedFormat.Write(output, feed, newestFirst);
                output.Write(");"u8);
                break;
            case FeedFormat.Json or FeedFormat.Js:
                JsonFeedFormat.Write(output, feed, newestFirst);
                break;
            case FeedFormat.GeoJson:
                GeoJsonFormat.Write(output, feed, newestFirst);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        }
    }

    /// <summary>As <see cref="Write"/>, into an array of exactly the document's length.</summary>
    public static byte[] Render(
        FeedFormat format, FeedDescription feed, IReadOnlyList<FeedUpdate> newestFirst, string? jsonpCallback = null)
    {
        using var buffer = new PooledBuffer();
        Write(buffer, format, feed, newestFirst, jsonpCallback);
        return buffer.ToArray();
    }
}
