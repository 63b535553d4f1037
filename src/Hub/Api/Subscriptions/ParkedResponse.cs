using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>An update that a callback refused while it accepted others, as the feed's owner sees it.</summary>
/// <param name="Seq">Its sequence number.</param>
/// <param name="At">The time when it was parked.</param>
/// <param name="Status">The status of the callback's last refusal.</param>
/// <param name="Error">The refusal in words.</param>
/// <param name="Answer">The beginning of that answer's body.</param>
/// <param name="Wanted">The time of the command to send it once more; null = none.</param>
public sealed record ParkedResponse(long Seq, DateTime At, int? Status, string? Error, string? Answer, DateTime? Wanted)
{
    public static ParkedResponse Of(ParkedUpdate parked) => new(
        parked.Seq, parked.ParkedAt.UtcDateTime, parked.Status, parked.Error, parked.Answer, parked.WantedAt?.UtcDateTime);
}
