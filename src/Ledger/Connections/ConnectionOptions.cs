using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Connections;

/// <summary>Limits of inbound connections: section <c>Limits</c>, which the roles' limits share.</summary>
public sealed class ConnectionOptions
{
    public const string Section = "Limits";

    /// <summary>The maximum number of HTTP and MQTT connections of the process; never more than its limit of open files allows.</summary>
    /// <value>Default 0: as many as the limit of open files allows, 20,000 at most; 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int Connections { get; set; }

    /// <summary>
    /// The maximum number of connections of one client address, or of an IPv6 /64. Proxies in <c>Hub:TrustedProxies</c> may hold all.
    /// </summary>
    /// <value>Default 0: a quarter of all connections, 1,000 at most; 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int ConnectionsPerClient { get; set; }
}

[OptionsValidator]
internal sealed partial class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>;
