using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivityHub.FeedApi.Web;

/// <summary>
/// An error as RFC 9457 has it: <c>application/problem+json</c> with type, title, status, detail, and every fault in <c>errors</c>.
/// </summary>
internal sealed record Problem(int Status, string Type, string Title, string Detail)
{
    // It is no HTML and never sniffed as such, so quotation marks may stay as people write them.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public FaultList? Faults { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public static Problem Unavailable(string detail, TimeSpan retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable, "unavailable", "Not available just now", detail) { RetryAfter = retryAfter };

    public static Problem TooMany(string detail, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "too-many-requests", "Too many requests", detail) { RetryAfter = retryAfter };

    public static Problem BadQuery(FaultList faults) =>
        new(StatusCodes.Status400BadRequest, "bad-query", "The address is faulty", "See errors: each names a parameter and what to send instead.")
        {
            Faults = faults,
        };

    public static Problem BadQuery(string parameter, string detail)
    {
        var faults = new FaultList();
        faults.Add(null, parameter, detail);
        return BadQuery(faults);
    }

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentType = "application/problem+json";
        var body = Render();
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    public byte[] Render()
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, Readable);
        json.WriteStartObject();
        json.WriteString("type"u8, "urn:activity-hub:problem:" + Type);
        json.WriteString("title"u8, Title);
        json.WriteNumber("status"u8, Status);
        json.WriteString("detail"u8, Detail);
        if (Faults is not null)
        {
            WriteFaults(json, Faults);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteFaults(Utf8JsonWriter json, FaultList faults)
    {
        json.WriteNumber("errorCount"u8, faults.Count);
        json.WriteStartArray("errors"u8);
        foreach (var fault in faults.Named)
        {
            json.WriteStartObject();
            if (fault.Index is { } index)
            {
                json.WriteNumber("index"u8, index);
            }

            json.WriteString("path"u8, fault.Path);
            json.WriteString("detail"u8, fault.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
