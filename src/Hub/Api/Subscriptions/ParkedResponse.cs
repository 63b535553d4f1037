using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>An update that a callback refused while it accepted others, as the feed's owner sees it.</summary>
/// <param name="Seq">Which.</param>
/// <param name="At">When it was parked.</param>
/// <param name="Status">What the callback answered when it refused it last.</param>
/// <param name="Error">The same in words.</param>
/// <param name="Answer">The beginning of that answer's body.</param>
/// <param name="Wanted">Since when it is to be sent once more; null = nobody has asked.</param>
public sealed record ParkedResponse(long Seq, DateTime At, int? Status, string? Error, string? Answer, DateTime? Wanted)
{
    public static ParkedResponse Of(ParkedUpdate parked) => new(
        parked.Seq, parked.ParkedAt.UtcDateTime, parked.Status, parked.Error, parked.Answer, parked.WantedAt?.UtcDateTime);
}
