using System.Net;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Limits;

/// <summary>
/// Counts the requests of each client whose key opens nothing, on every route: feeds, ingest addresses, inboxes, messages, status links,
/// the API, MQTT. They are counted after the check, so that a right key from the same network still opens, and equally whether or not the
/// named resource exists.
/// </summary>
public sealed class WrongKeys(IOptions<FeedLimitOptions> options, TimeProvider time)
{
    private readonly RequestRate _clients = new("wrong-keys", options.Value.WrongKeysPerMinute, options.Value.WrongKeysPerMinute, time);

    /// <summary>The problem for a client that has sent too many.</summary>
    public string Explanation =>
        $"Too many requests from your network opened nothing: it may send {_clients.Pace}. A key that is right opens all the same; look "
        + "at the one that you send.";

    /// <summary>One more of this client.</summary>
    public RequestQuota Take(IPAddress? client) => _clients.Take(ClientAddress.PartitionOf(client, RequestRate.Partitions));
}
