using System.Text.Json.Serialization;

namespace ActivityHub.TestKit;

/// <summary>One POST to a callback as the feed's owner sees it.</summary>
public sealed record AttemptSeen(
    [property: JsonConverter(typeof(PositionConverter))] string? From,
    [property: JsonConverter(typeof(PositionConverter))] string? To,
    int? Status,
    double? Milliseconds,
    string? Error,
    DateTimeOffset? At);
