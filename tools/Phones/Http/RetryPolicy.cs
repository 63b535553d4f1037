using System.Net;

namespace ActivityHub.Phones.Http;

/// <summary>
/// How often and after which pauses a request is retried. Every write of this program carries ids that the program chose, so a repeated
/// write is harmless.
/// </summary>
/// <param name="Tries">The highest number of tries, including the first.</param>
/// <param name="First">The pause after the first try; it doubles each time.</param>
/// <param name="Cap">The longest pause of our own.</param>
/// <param name="RetryAfterCap">The longest pause at the hub's request.</param>
internal sealed record RetryPolicy(int Tries, TimeSpan First, TimeSpan Cap, TimeSpan RetryAfterCap)
{
    /// <summary>Twelve tries over about a minute: long enough for a hub that restarts.</summary>
    public static readonly RetryPolicy Default = new(12, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

    /// <param name="status">The status; null if there was no answer.</param>
    public static bool IsWorthAnotherTry(HttpStatusCode? status) =>
        status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    /// <param name="failedTries">The number of failed tries; 1 after the first.</param>
    /// <param name="retryAfter">The pause that the answer requested; null, zero or less counts as none.</param>
    /// <param name="dice">
    /// A random number from 0 to 1. It varies the pause by 20 % each way, so that a fleet does not return all at once.
    /// </param>
    public TimeSpan PauseAfter(int failedTries, TimeSpan? retryAfter, double dice)
    {
        var doubled = First * Math.Pow(2, Math.Min(failedTries - 1, 30));
        var own = (doubled < Cap ? doubled : Cap) * (0.8 + (0.4 * dice));
        if (retryAfter is not { } asked || asked <= TimeSpan.Zero)
        {
            return own;
        }
        // A try before the requested time is never right, so the jitter is added on top.
        var obeyed = asked < RetryAfterCap ? asked : RetryAfterCap;
        return obeyed + (First * dice);
    }
}
