using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Replay;

/// <summary>One line of a file.</summary>
/// <param name="At">The time of the observation on the phone; null if the line has none.</param>
/// <param name="Fault">Why the line cannot be sent; the update is null then.</param>
internal sealed record UpdateLine(OutgoingUpdate? Update, DateTimeOffset? At, string? Fault);
