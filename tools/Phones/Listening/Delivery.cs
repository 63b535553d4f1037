namespace ActivityHub.Phones.Listening;

/// <summary>One complete POST to a callback.</summary>
/// <param name="Name">The value of <c>Hub-Delivery</c>; null without the header.</param>
/// <param name="Positions">The value of <c>Hub-Updates</c>, as <c>from-to</c>; null without the header.</param>
internal sealed record Delivery(
    string ContentType,
    byte[] Body,
    SignatureVerdict Signature,
    string? Name,
    string? Positions,
    DateTimeOffset ArrivedAt
);
