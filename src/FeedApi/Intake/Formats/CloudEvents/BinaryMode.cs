using System.Text;

namespace ActivityHub.FeedApi.Intake.Formats.CloudEvents;

/// <summary>
/// An event in binary mode: its attributes are percent-encoded headers (HTTP binding §3.1.3.2), and its data is the body, of the body's
/// content type.
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

    // Some clients quote a value, which headers allow.
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
