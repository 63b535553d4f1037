using System.Globalization;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// The rest of a limit, in the terms of draft-ietf-httpapi-ratelimit-headers-10: r requests are left, and the whole limit is available
/// again after t seconds.
/// </summary>
/// <param name="Rate">The limit.</param>
/// <param name="IsKept">Whether the limit is kept; false if this request exceeds it.</param>
/// <param name="Left">The number of further requests that are allowed now.</param>
/// <param name="FullIn">The number of seconds without a request after which the whole limit is available again.</param>
/// <param name="RetryAfter">The time until the next request is allowed, if this one is not.</param>
public readonly record struct RequestQuota(RequestRate Rate, bool IsKept, long Left, long FullIn, TimeSpan RetryAfter)
{
    /// <summary>The value for the <c>RateLimit</c> header.</summary>
    public string Rest => string.Create(CultureInfo.InvariantCulture, $"\"{Rate.Name}\";r={Left};t={FullIn}");
}
