namespace ActivityHub.Phones.Listening;

/// <summary>One POST that came to a callback, read to its end.</summary>
/// <param name="Name">What <c>Hub-Delivery</c> calls it; null without the header.</param>
/// <param name="Positions">What <c>Hub-Updates</c> says, as <c>from-to</c>; null without the header.</param>
internal sealed record Delivery(
    string ContentType,
    byte[] Body,
    SignatureVerdict Signature,
    string? Name,
    string? Positions,
    DateTimeOffset ArrivedAt
);
