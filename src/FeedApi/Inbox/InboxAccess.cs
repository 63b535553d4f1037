using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Inbox;

/// <summary>A phone that has shown its key, and its feed's row.</summary>
internal sealed record OpenedInbox(long DeviceId, FeedRow Feed);

/// <summary>
/// Opens an inbox to the device key and to the key of the ingest address, whose holder gets the same messages with the responses to its
/// updates. No other key opens it.
/// </summary>
internal sealed class InboxAccess(DeviceAccess access, FeedLoader feeds, FeedLimits limits)
{
    /// <summary>Opens the inbox, or refuses: the key does not open this device's inbox, or the phone sends too many requests.</summary>
    public async ValueTask<(OpenedInbox? Opened, Problem? Refused)> EnterAsync(HttpContext context, string device)
    {
        if (await OpenAsync(context.Request, device, context.RequestAborted) is not { } opened)
        {
            return (null, limits.SlowsWrongKey(context) ?? IngestResponse.Unauthorized(context));
        }

        return limits.TurnsAwayDevice(context, opened.DeviceId) is { } tooMany ? (null, tooMany) : (opened, null);
    }

    /// <summary>Null where the key does not open this device's inbox.</summary>
    public async ValueTask<OpenedInbox?> OpenAsync(HttpRequest request, string device, CancellationToken cancellationToken)
    {
        if (Credentials.Of(request) is not { } key || !OpaqueId.TryParse(device, out var deviceId) ||
            await access.FindAsync(key, fresh: false, cancellationToken) is not { } decision || decision.DeviceId != deviceId ||
            await feeds.FindAsync(decision.FeedId, cancellationToken) is not { } feed)
        {
            return null;
        }

        if (decision.AccessVersion == feed.AccessVersion)
        {
            return new OpenedInbox(deviceId, feed);
        }

        // The cached decision is void: access to the feed has changed since.
        return await access.FindAsync(key, fresh: true, cancellationToken) is { } renewed && renewed.DeviceId == deviceId &&
            renewed.FeedId == feed.Id
            ? new OpenedInbox(deviceId, feed)
            : null;
    }
}
