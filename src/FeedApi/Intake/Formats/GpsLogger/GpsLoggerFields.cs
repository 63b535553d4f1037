using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.GpsLogger;

/// <summary>
/// Reads the values of a template from the query, a form or a JSON body. In a JSON body the app URL-encodes texts, and writes nothing for
/// an unknown value: <c>"alt":,</c>.
/// </summary>
internal static partial class GpsLoggerFields
{
    // The longest body that is repaired: a template contains only one point.
    private const int MaxTemplate = 16 * 1024;

    private static readonly SearchValues<char> OfEncoded = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_+%");

    /// <summary>Returns the fields; null where there are none.</summary>
    public static PhoneFields? Of(PhoneRequest request)
    {
        if (request.Json is { ValueKind: JsonValueKind.Object } item)
        {
            return OfJson(request.Query, item);
        }

        if (request.Json is null && request.Body.Length <= MaxTemplate && request.Body.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
        {
            return Mended(request);
        }

        return request.Fields.Count > 0 ? request.Fields : null;
    }

    private static PhoneFields? Mended(PhoneRequest request)
    {
        try
        {
            // Texts are URL-encoded, so they contain no colon.
            using var json = JsonDocument.Parse(
                NothingAfterColon().Replace(Encoding.UTF8.GetString(request.Body.Span), ":null"), PhoneRequest.JsonOptions);
            return json.RootElement.ValueKind == JsonValueKind.Object ? OfJson(request.Query, json.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PhoneFields OfJson(string query, JsonElement item)
    {
        var form = new StringBuilder();
        foreach (var member in item.EnumerateObject())
        {
            if (RestOfObject.NameOf(member) is not { } name)
            {
                continue;
            }

            var text = Texts.Of(member.Value) is { } said
                ? Decoded(said)
                : member.Value.ValueKind == JsonValueKind.String ? "" : member.Value.GetRawText();
            form.Append(form.Length > 0 ? "&" : "").Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(text));
        }

        return PhoneFields.Read(query, Encoding.UTF8.GetBytes(form.ToString()));
    }

    // A template may contain the user's own texts, which are not encoded.
    private static string Decoded(string text) => text.AsSpan().ContainsAnyExcept(OfEncoded) ? text : WebUtility.UrlDecode(text);

    [GeneratedRegex(@":\s*(?=[,}])")]
    private static partial Regex NothingAfterColon();
}
