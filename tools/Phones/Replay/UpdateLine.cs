using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Replay;

/// <summary>One line of a file.</summary>
/// <param name="At">When the phone saw it; null when the line does not say.</param>
/// <param name="Fault">Why it cannot be sent; the update is null then.</param>
internal sealed record UpdateLine(OutgoingUpdate? Update, DateTimeOffset? At, string? Fault);
