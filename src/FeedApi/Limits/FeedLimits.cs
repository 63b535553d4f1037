using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger.Access;
using ActivityHub.Web;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Limits;

/// <summary>
/// Counts what phones write and readers read, and says so in <c>RateLimit</c> headers. Each answers null where the request may go on.
/// </summary>
internal sealed class FeedLimits(IOptions<FeedLimitOptions> options, WrongKeys wrongKeys, TimeProvider time)
{
    private readonly RequestRate _devices = new("device", options.Value.DeviceBurst, options.Value.DevicePerMinute, time);
    private readonly RequestRate _clients = new("client", options.Value.ReaderBurst, options.Value.ReaderPerMinute, time);
    private readonly RequestRate _grants = new("grant", options.Value.GrantBurst, options.Value.GrantPerMinute, time);
    // A table of its own: who makes grants without end finds none that uses up what an owner has.
    private readonly RequestRate _owners = new("grant", options.Value.GrantBurst, options.Value.GrantPerMinute, time);

    public Problem? TurnsAwayDevice(HttpContext context, long deviceId) => RateLimitHeaders.Count(context, TakeDevice(deviceId));

    /// <summary>One more request of a phone, for a door that speaks no HTTP.</summary>
    public RequestQuota TakeDevice(long deviceId) => _devices.Take(RequestRate.PartitionOf(deviceId));

    /// <summary>Checks the client's limit, before any query.</summary>
    public Problem? TurnsAwayClient(HttpContext context) => RateLimitHeaders.Count(context, _clients.Take(PartitionOf(context)));

    /// <summary>
    /// One client with too many requests does not close a public feed for all: <see cref="TurnsAwayClient"/> limits that client.
    /// </summary>
    public Problem? TurnsAwayGrant(HttpContext context, Opened opened) =>
        opened.IsPublic ? null
        : RateLimitHeaders.Count(
            context,
            opened.Grant.IsOwners
                ? _owners.Take(RequestRate.PartitionOf(opened.Feed.Id))
                : _grants.Take(RequestRate.PartitionOf(opened.Grant.Id)));

    /// <summary>
    /// Answers a request that opens nothing. It is counted after it has been looked at, so that a right key from the same network still
    /// opens; and whether there is such a feed or not, so that the pace does not tell.
    /// </summary>
    public Task AnswerWrongKeyAsync(HttpContext context, Func<HttpContext, Task> answer) =>
        SlowsWrongKey(context) is { } slowed ? slowed.WriteAsync(context) : answer(context);

    /// <summary>The same for a caller that writes its own answer.</summary>
    public Problem? SlowsWrongKey(HttpContext context)
    {
        var quota = wrongKeys.Take(context.Connection.RemoteIpAddress);
        RateLimitHeaders.Add(context.Response, quota);
        return quota.IsKept ? null : Problem.TooMany(wrongKeys.Explanation, quota.RetryAfter);
    }

    private static int PartitionOf(HttpContext context) =>
        ClientAddress.PartitionOf(context.Connection.RemoteIpAddress, RequestRate.Partitions);
}
