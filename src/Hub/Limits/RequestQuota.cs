using System.Globalization;

namespace ActivityHub.Hub.Limits;

/// <summary>
/// What is left of a limit, in the words of draft-ietf-httpapi-ratelimit-headers-10: a quota q over a window of w seconds, r of it left, all
/// of it again after t seconds.
/// </summary>
internal readonly record struct RequestQuota(string Name, bool IsKept, int Burst, int PerSecond, int Left)
{
    /// <summary>Of a token bucket that is empty: until the next second brings some.</summary>
    public static TimeSpan RetryAfter => TimeSpan.FromSeconds(1);

    /// <summary>For <c>RateLimit-Policy</c>.</summary>
    public string Policy => string.Create(CultureInfo.InvariantCulture, $"\"{Name}\";q={Burst};w={SecondsFor(Burst)}");

    /// <summary>For <c>RateLimit</c>.</summary>
    public string Rest => string.Create(CultureInfo.InvariantCulture, $"\"{Name}\";r={Left};t={SecondsFor(Burst - Left)}");

    private int SecondsFor(int permits) => (permits + PerSecond - 1) / PerSecond;
}
