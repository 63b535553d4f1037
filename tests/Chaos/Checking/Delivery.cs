namespace ActivityHub.Chaos.Checking;

/// <summary>Whether the sender must treat a POST as accepted.</summary>
internal enum Verdict
{
    Refused,

    /// <summary>
    /// The callback accepted, but the sender may not have received the answer: it had hung up, or its timeout was nearly over.
    /// </summary>
    Unsure,

    Accepted,
}

/// <summary>An update as a delivered document contains it.</summary>
/// <param name="Id">The phone's own id; null if there is none.</param>
/// <param name="Kind">The kind of the update.</param>
/// <param name="Seq">Its position, if that is a number.</param>
internal sealed record DeliveredUpdate(string? Id, string Kind, long? Seq);

/// <summary>One POST to a callback and the callback's answer.</summary>
/// <param name="At">The time at which the request was complete.</param>
/// <param name="EndedAt">The time at which it was answered or the connection ended.</param>
/// <param name="Verdict">Whether the sender must treat it as accepted.</param>
/// <param name="Body">The exact bytes that the signature covers.</param>
/// <param name="Signature"><c>X-Hub-Signature</c>.</param>
/// <param name="HasGap">Whether it had a <c>Hub-Gap</c> header.</param>
/// <param name="Updates">The new updates, oldest first.</param>
/// <param name="Older">The other updates of the document: older contents of the feed.</param>
internal sealed record Delivery(
    DateTimeOffset At,
    DateTimeOffset EndedAt,
    Verdict Verdict,
    ReadOnlyMemory<byte> Body,
    string? Signature,
    bool HasGap,
    IReadOnlyList<DeliveredUpdate> Updates,
    IReadOnlyList<DeliveredUpdate> Older);
