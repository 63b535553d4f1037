using System.Text.Json.Serialization;

namespace ActivityHub.TestKit;

/// <summary>One POST to a callback, as the API shows it to the feed's owner.</summary>
public sealed record AttemptSeen(
    [property: JsonConverter(typeof(PositionConverter))] string? From,
    [property: JsonConverter(typeof(PositionConverter))] string? To,
    int? Status,
    double? Milliseconds,
    string? Error,
    DateTimeOffset? At);
