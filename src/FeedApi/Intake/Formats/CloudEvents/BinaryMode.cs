using System.Text;

namespace ActivityHub.FeedApi.Intake.Formats.CloudEvents;

/// <summary>
/// An event whose attributes are headers, percent-encoded (HTTP binding §3.1.3.2), and whose data is the body, of the body's own type.
/// </summary>
internal static class BinaryMode
{
    public static ReceivedEvent Of(PhoneRequest request)
    {
        var read = new ReceivedEvent(
            Attribute("specversion"), Attribute("id"), Attribute("source"), Attribute("type"), Attribute("time"), Attribute("subject"));
        if (request.Body.IsEmpty)
        {
            return read;
        }

        if (request.Json is { } json)
        {
            return read with { Data = json };
        }

        return request.MediaType.StartsWith("text/", StringComparison.Ordinal)
            ? read with { TextData = Encoding.UTF8.GetString(request.Body.Span).Replace('\0', '\uFFFD') }
            : read with { Bytes = (request.ContentType, request.Body.Length) };

        string? Attribute(string name) => request.Headers.TryGetValue("ce-" + name, out var value) ? Decoded(value) : null;
    }

    // Some put a value into quotes, as headers may have it.
    private static string Decoded(string value)
    {
        value = value.Trim();
        if (value is ['"', .., '"'])
        {
            value = value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        }

        return Uri.UnescapeDataString(value).Replace('\0', '\uFFFD');
    }
}
