using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ActivityHub.TestKit;

/// <summary>One request received by a callback host. It is recorded after its body has been read and before it is answered.</summary>
/// <param name="Method">GET for a verification or a denial, POST for a delivery.</param>
/// <param name="Path">The path without the query.</param>
/// <param name="Query">The query as sent, with its question mark; empty if there is none.</param>
/// <param name="Headers">The headers; names compare without case.</param>
/// <param name="Body">The exact bytes that the signature covers.</param>
/// <param name="At">The time at which the body was complete, by the real clock.</param>
public sealed record ReceivedRequest(
    string Method,
    string Path,
    string Query,
    IReadOnlyDictionary<string, StringValues> Headers,
    ReadOnlyMemory<byte> Body,
    DateTimeOffset At)
{
    private volatile AnswerGiven? _given;

    /// <summary>Path and query exactly as in the request line.</summary>
    public string Target { get; init; } = "";

    /// <summary>The host's answer; null while the request is held.</summary>
    public AnswerGiven? Given
    {
        get => _given;
        internal set => _given = value;
    }

    /// <summary>The body as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>Whether the request delivers content; false for a verification or a denial.</summary>
    public bool IsDelivery => Method == "POST";

    /// <summary>Returns a header's value, or null if it was not sent; several values are joined by commas.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>Returns a query parameter's decoded value, such as <c>hub.challenge</c>; null if it was not sent.</summary>
    public string? Parameter(string name) =>
        QueryHelpers.ParseQuery(Query).TryGetValue(name, out var values) ? values.ToString() : null;
}
