using System.Net;
using System.Security.Claims;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Limits;

/// <summary>How many requests are taken of one client and in the name of one account: in memory, of this process.</summary>
internal sealed class RequestLimits(IOptions<LimitOptions> options, TimeProvider time)
{
    private readonly RequestRate _clients = new("client", options.Value.ClientBurst, 60L * options.Value.ClientPerSecond, time);
    private readonly RequestRate _accounts = new("account", options.Value.AccountBurst, 60L * options.Value.AccountPerSecond, time);

    public RequestQuota OfClient(IPAddress? address) => _clients.Take(ClientAddress.PartitionOf(address, RequestRate.Partitions));

    /// <summary>Returns null where the request belongs to no account.</summary>
    public RequestQuota? OfAccount(ClaimsPrincipal user) =>
        OpaqueId.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? _accounts.Take(RequestRate.PartitionOf(id)) : null;
}
