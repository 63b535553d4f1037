using System.Buffers.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.CloudEvents;

/// <summary>An event as one object: attributes, and <c>data</c> or <c>data_base64</c>.</summary>
internal static class StructuredMode
{
    public static ReceivedEvent Of(JsonElement item)
    {
        var read = new ReceivedEvent(Text("specversion"), Text("id"), Text("source"), Text("type"), Text("time"), Text("subject"));
        if (Text("data_base64") is { } encoded)
        {
            return read with { Bytes = (Text("datacontenttype"), Base64.IsValid(encoded, out var length) ? length : 0) };
        }

        return read with { Data = item.Member("data") ?? default };

        string? Text(string name) => Texts.Of(item.Member(name));
    }
}
