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

    /// <summary>Returns the coding that the caller prefers, Brotli first among equals; identity where neither is accepted.</summary>
    public static ContentCoding Choose(StringValues acceptEncoding)
    {
        if (StringValues.IsNullOrEmpty(acceptEncoding) || !StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted))
        {
            return ContentCoding.Identity;
        }

        var brotli = QualityOf("br", accepted);
        var gzip = Math.Max(QualityOf("gzip", accepted), QualityOf("x-gzip", accepted));
        var identity = Named("identity", accepted) ?? 0;
        return brotli > 0 && brotli >= gzip && brotli >= identity ? ContentCoding.Brotli
            : gzip > 0 && gzip >= identity ? ContentCoding.Gzip
            : ContentCoding.Identity;
    }

    private static double QualityOf(string coding, IList<StringWithQualityHeaderValue> accepted) =>
        Named(coding, accepted) ?? Named("*", accepted) ?? 0;

    private static double? Named(string coding, IList<StringWithQualityHeaderValue> accepted)
    {
        foreach (var one in accepted)
        {
            if (one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            {
                return one.Quality ?? 1;
            }
        }

        return null;
    }
}
