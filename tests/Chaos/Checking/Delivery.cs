namespace ActivityHub.Chaos.Checking;

/// <summary>Whether the sender must take a POST for accepted.</summary>
internal enum Verdict
{
    Refused,

    /// <summary>The callback said yes, and the sender may not have heard it: it had hung up, or its time was nearly over.</summary>
    Unsure,

    Accepted,
}

/// <summary>An update as a document carried it.</summary>
/// <param name="Id">The phone's own; null where there is none.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Seq">Its position if that is a number.</param>
internal sealed record DeliveredUpdate(string? Id, string Kind, long? Seq);

/// <summary>One POST to a callback, with what the callback made of it.</summary>
/// <param name="At">When it had come in full.</param>
/// <param name="EndedAt">When it had been answered, or the connection ended.</param>
/// <param name="Verdict">Whether the sender must take it for accepted.</param>
/// <param name="Body">The exact bytes, which the signature covers.</param>
/// <param name="Signature"><c>X-Hub-Signature</c>.</param>
/// <param name="HasGap">Whether a <c>Hub-Gap</c> came with it.</param>
/// <param name="Updates">What is new in it, oldest first.</param>
/// <param name="Older">What else its document holds: the feed's contents from before.</param>
internal sealed record Delivery(
    DateTimeOffset At,
    DateTimeOffset EndedAt,
    Verdict Verdict,
    ReadOnlyMemory<byte> Body,
    string? Signature,
    bool HasGap,
    IReadOnlyList<DeliveredUpdate> Updates,
    IReadOnlyList<DeliveredUpdate> Older);
