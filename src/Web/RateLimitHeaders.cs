using ActivityHub.Ledger.Access;

namespace ActivityHub.Web;

/// <summary>
/// Adds the headers of draft-ietf-httpapi-ratelimit-headers-10. A response gets each header once for every limit that its request counts
/// against.
/// </summary>
public static class RateLimitHeaders
{
    public static void Add(HttpResponse response, string policy, string rest)
    {
        response.Headers.Append("RateLimit-Policy", policy);
        response.Headers.Append("RateLimit", rest);
    }

    public static void Add(HttpResponse response, RequestQuota quota) => Add(response, quota.Rate.Policy, quota.Rest);

    /// <summary>Adds them, and returns the problem where this request is one too many.</summary>
    public static Problem? Count(HttpContext context, RequestQuota quota)
    {
        Add(context.Response, quota);
        return quota.IsKept
            ? null
            : Problem.TooMany(
                $"Too many requests come from this {quota.Rate.Name}: it may send {quota.Rate.Pace}. Send the rest later.",
                quota.RetryAfter);
    }
}
