using System.Text.Json.Serialization;

namespace ActivityHub.TestKit;

/// <summary>
/// A subscription as the API shows it to the feed's owner. The cursor is a position as text: a number in a view that hides nothing,
/// otherwise a token.
/// </summary>
public sealed record SubscriptionSeen(
    string Id,
    string Callback,
    string State,
    string? Lane,
    [property: JsonConverter(typeof(PositionConverter))] string? Cursor,
    long? Behind,
    int? LastStatus,
    DateTimeOffset? NextAttempt,
    bool? Paced = null);
