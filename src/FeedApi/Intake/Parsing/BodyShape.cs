using ActivityHub.Web;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>The structure of the body of a POST of updates.</summary>
internal enum BodyShape
{
    /// <summary>One JSON object, or an array of them.</summary>
    Json,

    /// <summary>One JSON object per line.</summary>
    Lines,
}

internal static class BodyShapes
{
    public static readonly Problem Unsupported = ProblemTypes.MediaType.With(
        "Send application/json (one update, or an array of them) or application/x-ndjson (an update a line), in UTF-8.");

    /// <summary>
    /// Returns false where the content type is another one, or names an encoding other than UTF-8. No content type means JSON.
    /// </summary>
    public static bool TryRead(string? contentType, out BodyShape shape)
    {
        shape = BodyShape.Json;
        if (string.IsNullOrEmpty(contentType) || contentType == "application/json")
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(contentType, out var type) && IsUtf8(type) && TryRead(type, out shape);
    }

    // Many clients write utf8, which is not a registered name but has no other meaning.
    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        type.Charset.Length == 0 || type.Charset.AsSpan().Trim('"') is var name &&
        (name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || name.Equals("utf8", StringComparison.OrdinalIgnoreCase));

    private static bool TryRead(MediaTypeHeaderValue type, out BodyShape shape)
    {
        (shape, var known) = type.MediaType.ToString().ToLowerInvariant() switch
        {
            "application/json" or "text/json" => (BodyShape.Json, true),
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" => (BodyShape.Lines, true),
            var name =>
                (BodyShape.Json, name.StartsWith("application/", StringComparison.Ordinal) &&
                    name.EndsWith("+json", StringComparison.Ordinal)),
        };
        return known;
    }
}
