using System.Globalization;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// What is left of a limit, in the words of draft-ietf-httpapi-ratelimit-headers-10: r requests are left, all of them again after t seconds.
/// </summary>
/// <param name="Rate">The limit.</param>
/// <param name="IsKept">False where this request is one too many.</param>
/// <param name="Left">How many more may come now.</param>
/// <param name="FullIn">After how many seconds without any all of them may come again.</param>
/// <param name="RetryAfter">When the next one may come, where it may not now.</param>
public readonly record struct RequestQuota(RequestRate Rate, bool IsKept, long Left, long FullIn, TimeSpan RetryAfter)
{
    /// <summary>For <c>RateLimit</c>.</summary>
    public string Rest => string.Create(CultureInfo.InvariantCulture, $"\"{Rate.Name}\";r={Left};t={FullIn}");
}
