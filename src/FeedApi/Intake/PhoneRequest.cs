using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// An app's request before its format is known: the query, the headers that a format may read, and the body as raw bytes, of any content
/// type. It never contains the key.
/// </summary>
internal sealed class PhoneRequest : IDisposable
{
    // Some apps repeat the key in the query; it must not be stored.
    private static readonly HashSet<string> Secrets = new(
        StringComparer.OrdinalIgnoreCase) { "key", "api_key", "apikey", "access_token", "token", "auth", "password", "secret" };
    private static readonly HashSet<string> Kept = new(
        StringComparer.OrdinalIgnoreCase) { "Content-Type", "User-Agent", "X-Limit-U", "X-Limit-D", "Idempotency-Key" };
    private const string CodingHeader = "Content-Encoding";
    private const int MaxHeader = 200;
    // An event is identified by its source and id: if they were cut, two events could look like one.
    private const int MaxEventHeader = 1000;
    private const int MaxQuery = 8192;

    /// <summary>The options for the JSON of apps, which is parsed less strictly than the hub's own format.</summary>
    public static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = UpdateParser.MaxDepth, AllowTrailingCommas = true };

    private JsonDocument? _json;
    private bool _jsonRead;
    private PhoneFields? _fields;
    private int _elements;

    public PhoneRequest(
        string method, string query, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        Method = method;
        Query = query;
        Headers = headers;
        Body = body;
        Now = now;
    }

    public string Method { get; }

    /// <summary>The query with its question mark and without keys; empty where there is none.</summary>
    public string Query { get; }

    /// <summary>The headers that formats read, and every header that begins with <c>ce-</c>; names are case-insensitive.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The time of receipt.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The rules by which the message is read. They may be replaced while the request is processed.</summary>
    public DeviceRules Rules { get; set; } = DeviceRules.None;

    public string? ContentType => Headers.GetValueOrDefault("Content-Type");

    /// <summary>The content type without parameters, in lower case; empty where there is none.</summary>
    public string MediaType => ContentType is { } type ? type.Split(';', 2)[0].Trim().ToLowerInvariant() : "";

    public string? App => Headers.GetValueOrDefault("User-Agent");

    /// <summary>Whether the request has no content: some apps send such a request to delete a friend, or to test the address.</summary>
    public bool IsEmpty =>
        Body.Span.Trim(" \t\r\n\0"u8).IsEmpty && Query.Length <= 1 &&
            !Headers.Keys.Any(name => name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The body as JSON, independent of its content type; null where it is not JSON, and <see cref="JsonFault"/> has the reason.
    /// </summary>
    public JsonElement? Json
    {
        get
        {
            if (!_jsonRead)
            {
                _jsonRead = true;
                ReadJson();
            }

            return _json?.RootElement;
        }
    }

    public string? JsonFault { get; private set; }

    /// <summary>
    /// The error where the message contains more than the hub reads; null otherwise. Known after the message has been read as JSON or as a
    /// form.
    /// </summary>
    public string? Excess { get; private set; }

    /// <summary>Whether the message has more elements than most apps send, independent of its size in bytes.</summary>
    public bool IsHeavy
    {
        get
        {
            // Reading the JSON counts the elements.
            _ = Json;
            return _elements > MessageBounds.UsualElements;
        }
    }

    /// <summary>The Content-Encoding of a body that could not be unpacked and is present as received; null for every other body.</summary>
    public string? Coding => Headers.GetValueOrDefault(CodingHeader);

    /// <summary>The fields of the query and the form; names are case-insensitive.</summary>
    public PhoneFields Fields => _fields ??= ReadFields();

    // Some apps send no content type: then a body that is not JSON and contains an equals sign is a form.
    private bool IsForm => MediaType == "application/x-www-form-urlencoded" ||
        (MediaType.Length == 0 && Json is null && Body.Span.IndexOf((byte)'=') > 0);

    public static async Task<(PhoneRequest Request, RequestBody Body)> ReadAsync(
        HttpRequest http, int maxBody, LargeBodies.Room room, DateTimeOffset now, DeviceRules rules, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, maxBody, room, cancellationToken);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in http.Headers)
        {
            var isEvents = name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase);
            var isCoding = body.IsPacked && name.Equals(CodingHeader, StringComparison.OrdinalIgnoreCase);
            if ((isCoding || IsRead(name)) && value.Count > 0 && value[0] is { Length: > 0 } text)
            {
                headers[name] = Texts.Clip(text, isEvents ? MaxEventHeader : MaxHeader)!;
            }
        }

        return (new PhoneRequest(
            http.Method, WithoutKeys(http.QueryString.Value ?? ""), headers, body.Memory, now)
        { Rules = rules }, body);
    }

    /// <summary>Whether a header is one that a format may read.</summary>
    public static bool IsRead(string header) => header.StartsWith("ce-", StringComparison.OrdinalIgnoreCase) || Kept.Contains(header);

    /// <summary>Returns the request without its body, as it is stored beside a rejected part.</summary>
    public string Envelope() => JsonSerializer.Serialize(new PhoneEnvelope(Method, Query, Headers), PhoneJson.Default.PhoneEnvelope);

    /// <summary>Rebuilds a request from the rejected log.</summary>
    public static PhoneRequest Replay(RejectedMessage kept, DeviceRules rules)
    {
        var envelope = JsonSerializer.Deserialize(kept.Envelope, PhoneJson.Default.PhoneEnvelope)!;
        var headers = new Dictionary<string, string>(envelope.Headers, StringComparer.OrdinalIgnoreCase);
        return new PhoneRequest(envelope.Method, envelope.Query, headers, kept.Body, kept.ReceivedAt) { Rules = rules };
    }

    public void Dispose() => _json?.Dispose();

    private static string WithoutKeys(string query)
    {
        query = query.Length > MaxQuery ? query[..MaxQuery] : query;
        var kept = new List<string>();
        foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = pair.Split('=', 2)[0];
            if (!Secrets.Contains(Uri.UnescapeDataString(name)))
            {
                kept.Add(pair);
            }
        }

        return kept.Count == 0 ? "" : "?" + string.Join('&', kept);
    }

    private void ReadJson()
    {
        var body = Body;
        // A byte order mark is not JSON, but parsers may ignore it (RFC 8259 §8.1).
        body = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        if (body.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            JsonFault = "The body is no JSON object and no array.";
            return;
        }

        // The JSON parser does not check this, and would throw later when a text is read.
        if (!Utf8.IsValid(body.Span))
        {
            JsonFault = "The body is not UTF-8.";
            return;
        }

        (_elements, Excess) = MessageBounds.Weigh(body.Span);
        if (Excess is not null)
        {
            JsonFault = Excess;
            return;
        }

        if (MessageBounds.IsGarbled(body.Span))
        {
            JsonFault = $"More than {MessageBounds.MostFaults} texts in it hold half of a surrogate pair, which no UTF-8 can carry.";
            return;
        }

        try
        {
            _json = ParseJson(body);
        }
        catch (JsonException exception)
        {
            (_elements, Excess) = MessageBounds.WeighLines(body.Span);
            JsonFault = $"The body is not JSON at line {(exception.LineNumber ?? 0) + 1}, byte {(exception.BytePositionInLine ?? 0) + 1}.";
        }
    }

    /// <summary>Reads JSON as apps write it: a value that is not a number (NaN) is null.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonDocument ParseJson(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text, JsonOptions);
        }
        catch (JsonException) when (LooseJson.Mended(text.Span) is { } mended)
        {
            return JsonDocument.Parse(mended, JsonOptions);
        }
    }

    private PhoneFields ReadFields()
    {
        var fields = PhoneFields.Read(Query, IsForm ? Body : default);
        Excess ??= fields.Excess;
        return fields;
    }
}

/// <summary>A stored request without its body.</summary>
internal sealed record PhoneEnvelope(string Method, string Query, IReadOnlyDictionary<string, string> Headers);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PhoneEnvelope))]
internal sealed partial class PhoneJson : JsonSerializerContext;
