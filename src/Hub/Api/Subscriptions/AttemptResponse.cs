using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>One POST to a callback, as the feed's owner sees it.</summary>
/// <param name="Id">Its own name.</param>
/// <param name="Delivery">As in the headers <c>Hub-Delivery</c> and <c>webhook-id</c>: the same for each try of the same.</param>
/// <param name="At">When it was made.</param>
/// <param name="From">The first update that was new in it; 0 in a test delivery, which holds none.</param>
/// <param name="To">The last.</param>
/// <param name="Status">What the callback answered; null where no answer came.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Bytes">Of the body that was sent.</param>
/// <param name="Error">What went wrong, in words.</param>
/// <param name="Answer">The beginning of a refusal's body.</param>
public sealed record AttemptResponse(
    string Id, string? Delivery, DateTime At, long From, long To, int? Status, int Milliseconds, int Bytes, string? Error, string? Answer)
{
    public static AttemptResponse Of(Attempt attempt) => new(
        attempt.Id.ToString(),
        attempt.Delivery?.ToString(),
        attempt.At.UtcDateTime,
        attempt.FromSeq,
        attempt.ToSeq,
        attempt.Status,
        attempt.Milliseconds,
        attempt.Bytes,
        attempt.Error,
        attempt.Answer);
}
