using System.Globalization;
using ActivityHub.Ledger.Devices;
using ActivityHub.Web;

namespace ActivityHub.Hub.Limits;

/// <summary>Reports the rest of a grant's messages in the headers of draft-ietf-httpapi-ratelimit-headers-10.</summary>
internal static class MessageLimit
{
    private static readonly string Policy = string.Create(
        CultureInfo.InvariantCulture,
        $"\"grant-minute\";q={MessageQuota.MostAMinute};w={MessageQuota.Minute.TotalSeconds}, "
        + $"\"grant-hour\";q={MessageQuota.MostAnHour};w={MessageQuota.Hour.TotalSeconds}");

    public static void AddHeaders(HttpResponse response, MessageQuota quota)
    {
        RateLimitHeaders.Add(response, Policy, string.Create(
            CultureInfo.InvariantCulture,
            $"\"grant-minute\";r={quota.LeftOfMinute};t={Seconds(quota)}, \"grant-hour\";r={quota.LeftOfHour};t={Seconds(quota)}"));
    }

    public static Problem Refuse(HttpContext http, MessageQuota quota)
    {
        AddHeaders(http.Response, quota);
        return Problem.TooMany(
            $"Under this grant {MessageQuota.MostAMinute} messages a minute and {MessageQuota.MostAnHour} an hour may be sent; send this "
            + $"one in {Seconds(quota)} s.", quota.Wait);
    }

    private static long Seconds(MessageQuota quota) => (long)Math.Ceiling(quota.Wait.TotalSeconds);
}
