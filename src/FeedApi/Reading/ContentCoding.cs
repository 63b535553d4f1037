using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.FeedApi.Reading;

/// <summary>How a document's bytes are packed on the way.</summary>
internal enum ContentCoding
{
    Identity,
    Gzip,
    Brotli,
}

internal static class ContentCodings
{
    public static string? Token(this ContentCoding coding) => coding switch
    {
        ContentCoding.Brotli => "br",
        ContentCoding.Gzip => "gzip",
        _ => null,
    };

    /// <summary>What the caller likes best, Brotli first among equals; as it is where he names neither.</summary>
    public static ContentCoding Choose(StringValues acceptEncoding)
    {
        if (StringValues.IsNullOrEmpty(acceptEncoding) || !StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var wishes))
        {
            return ContentCoding.Identity;
        }

        var brotli = QualityOf("br", wishes);
        var gzip = Math.Max(QualityOf("gzip", wishes), QualityOf("x-gzip", wishes));
        var identity = Named("identity", wishes) ?? 0;
        return brotli > 0 && brotli >= gzip && brotli >= identity ? ContentCoding.Brotli
            : gzip > 0 && gzip >= identity ? ContentCoding.Gzip
            : ContentCoding.Identity;
    }

    private static double QualityOf(string coding, IList<StringWithQualityHeaderValue> wishes) => Named(coding, wishes) ?? Named("*", wishes) ?? 0;

    private static double? Named(string coding, IList<StringWithQualityHeaderValue> wishes)
    {
        foreach (var wish in wishes)
        {
            if (wish.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            {
                return wish.Quality ?? 1;
            }
        }

        return null;
    }
}
