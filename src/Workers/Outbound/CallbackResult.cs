namespace ActivityHub.Workers.Outbound;

/// <summary>The answer of a callback, or the reason why there is none.</summary>
/// <param name="Outcome">Its name.</param>
/// <param name="Status">Null where no answer came.</param>
/// <param name="Elapsed">From the request's start to the answer's head.</param>
/// <param name="RetryAfter">The time of the next try that the callback asks for.</param>
/// <param name="Error">In words; null after a success.</param>
/// <param name="Body">The beginning of a refusal's body, or of a confirmation's.</param>
internal sealed record CallbackResult(
    AttemptOutcome Outcome, short? Status, TimeSpan Elapsed, TimeSpan? RetryAfter, string? Error, string? Body)
{
    /// <summary>Of a test delivery: the answer's own <c>Hub-Delivery</c>.</summary>
    public string? Delivery { get; init; }
}
