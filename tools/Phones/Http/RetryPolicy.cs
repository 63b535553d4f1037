using System.Net;

namespace ActivityHub.Phones.Http;

/// <summary>
/// How often and after which pauses a request is tried again. Every write of this program carries ids of its own choosing, so a
/// repeated one is harmless.
/// </summary>
/// <param name="Tries">At most so many in all, the first one counted.</param>
/// <param name="First">The pause after the first try; it doubles each time.</param>
/// <param name="Cap">No pause of our own is longer.</param>
/// <param name="RetryAfterCap">No pause that the hub asks for is obeyed beyond this.</param>
internal sealed record RetryPolicy(int Tries, TimeSpan First, TimeSpan Cap, TimeSpan RetryAfterCap)
{
    /// <summary>Twelve tries over about a minute: long enough for a hub that is being restarted.</summary>
    public static readonly RetryPolicy Default = new(12, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

    /// <param name="status">Null when no answer came at all.</param>
    public static bool IsWorthAnotherTry(HttpStatusCode? status) =>
        status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    /// <param name="failedTries">1 after the first.</param>
    /// <param name="retryAfter">What the answer asked for; null or less than zero counts as nothing.</param>
    /// <param name="dice">From 0 to 1: spreads the pause by 20 % each way, so that a fleet does not come back as one.</param>
    public TimeSpan PauseAfter(int failedTries, TimeSpan? retryAfter, double dice)
    {
        var doubled = First * Math.Pow(2, Math.Min(failedTries - 1, 30));
        var own = (doubled < Cap ? doubled : Cap) * (0.8 + (0.4 * dice));
        if (retryAfter is not { } asked || asked <= TimeSpan.Zero)
        {
            return own;
        }
        // Earlier than asked is never right; the jitter goes on top.
        var obeyed = asked < RetryAfterCap ? asked : RetryAfterCap;
        return obeyed + (First * dice);
    }
}
