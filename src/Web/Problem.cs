using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivityHub.Web;

/// <summary>
/// An error as RFC 9457 has it: <c>application/problem+json</c> with type, title, status, detail, and every fault in <c>errors</c>. The one
/// shape of errors of all roles.
/// </summary>
public sealed record Problem(ProblemType Type, string Detail) : IResult
{
    public const string ContentType = "application/problem+json";

    // It is no HTML and never sniffed as such, so quotation marks may stay as people write them.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>That of its type, unless the same problem has several.</summary>
    public int Status { get; init; } = Type.Status;

    public FaultList? Faults { get; init; }

    /// <summary>When to send the request again; the header <c>Retry-After</c> says it.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The member <c>error</c>: the code of RFC 6749 for an app's request; null for all others.</summary>
    public string? Error { get; init; }

    public static Problem Unavailable(string detail, TimeSpan retryAfter) =>
        ProblemTypes.Unavailable.With(detail) with { RetryAfter = retryAfter };

    public static Problem TooMany(string detail, TimeSpan retryAfter) =>
        ProblemTypes.TooManyRequests.With(detail) with { RetryAfter = retryAfter };

    public static Problem BadQuery(FaultList faults) =>
        ProblemTypes.BadQuery.With("See errors: each names a parameter and what to send instead.") with { Faults = faults };

    public static Problem BadQuery(string parameter, string detail) => BadQuery(FaultList.Of([new Fault(parameter, detail)]));

    public static Problem Invalid(IReadOnlyList<Fault> faults) =>
        ProblemTypes.Invalid.With(
            faults.Count == 1 ? faults[0].Detail : $"{faults.Count} things are wrong with this request; errors names each.") with
        {
            Faults = FaultList.Of(faults),
        };

    public static Problem Invalid(string path, string detail) => Invalid([new Fault(path, detail)]);

    /// <summary>Answers with the same words where a thing does not exist and where it belongs to another account.</summary>
    public static Problem NotYours() => ProblemTypes.NotFound.With("There is nothing of yours at this address.");

    public static Problem Conflict(string detail) => ProblemTypes.Conflict.With(detail);

    Task IResult.ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext);

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } wait)
        {
            RetryLater.Set(response, wait);
        }

        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentType = ContentType;
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
        json.WriteString("type"u8, Type.Urn);
        json.WriteString("title"u8, Type.Title);
        json.WriteNumber("status"u8, Status);
        json.WriteString("detail"u8, Detail);
        if (Error is not null)
        {
            json.WriteString("error"u8, Error);
        }

        if (Status >= StatusCodes.Status500InternalServerError && Activity.Current is { } activity)
        {
            // By which the operator finds it in the log. Not on a refusal: two of them would differ by more than their reason.
            json.WriteString("traceId"u8, activity.TraceId.ToHexString());
        }

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
