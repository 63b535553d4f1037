using System.Buffers;
using System.Text.Json;
using ActivityHub.FeedApi.Intake;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>A JSON object of the inbox, which no cache may keep.</summary>
/// <param name="write">Writes the members.</param>
internal sealed class InboxJson(Action<Utf8JsonWriter> write) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync(httpContext.RequestAborted);
        var response = httpContext.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.ContentType = PhoneResponse.JsonType;
        response.ContentLength = buffer.WrittenCount;
        await response.BodyWriter.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
    }
}
