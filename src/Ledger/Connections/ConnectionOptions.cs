using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Connections;

/// <summary>How many connections from outside a process holds: section <c>Limits</c>, together with those of the roles.</summary>
public sealed class ConnectionOptions
{
    public const string Section = "Limits";

    /// <summary>How many connections the process holds in all, by HTTP and MQTT; never more than its limit of open files allows.</summary>
    /// <value>Default 0: as many as that limit allows, 20,000 at most; 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int Connections { get; set; }

    /// <summary>How many of them one client address, or /64 of IPv6, may hold. Proxies that <c>Hub:TrustedProxies</c> names may hold all.</summary>
    /// <value>Default 0: a quarter of all, 1,000 at most; 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int ConnectionsPerClient { get; set; }
}

[OptionsValidator]
internal sealed partial class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>;
