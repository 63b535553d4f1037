using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ActivityHub.TestKit;

/// <summary>One request as a callback host got it, recorded once its body had been read and before it was answered.</summary>
/// <param name="Method">GET for a verification or a denial, POST for a delivery.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">As sent, with its question mark; empty when there is none.</param>
/// <param name="Headers">Names compare without case.</param>
/// <param name="Body">The exact bytes, which is what a signature covers.</param>
/// <param name="At">When the body was complete, by the real clock.</param>
public sealed record ReceivedRequest(
    string Method,
    string Path,
    string Query,
    IReadOnlyDictionary<string, StringValues> Headers,
    ReadOnlyMemory<byte> Body,
    DateTimeOffset At)
{
    private volatile AnswerGiven? _given;

    /// <summary>Path and query exactly as they stood in the request line.</summary>
    public string Target { get; init; } = "";

    /// <summary>How the host answered, once it has; null while the request is held.</summary>
    public AnswerGiven? Given
    {
        get => _given;
        internal set => _given = value;
    }

    /// <summary>The body as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>Whether this delivers content, rather than asking or telling something about the subscription.</summary>
    public bool IsDelivery => Method == "POST";

    /// <summary>A header's value, null when it was not sent; several values are joined by commas.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>A query parameter's decoded value, such as <c>hub.challenge</c>; null when it was not sent.</summary>
    public string? Parameter(string name) =>
        QueryHelpers.ParseQuery(Query).TryGetValue(name, out var values) ? values.ToString() : null;
}
