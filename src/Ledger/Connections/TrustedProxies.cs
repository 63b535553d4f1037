using System.Net;
using ActivityHub.Ledger.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using IPNetwork = System.Net.IPNetwork;

namespace ActivityHub.Ledger.Connections;

/// <summary>The proxies whose forwarded client address is trusted, and that may hold all connections: <c>Hub:TrustedProxies</c>.</summary>
public sealed class TrustedProxies
{
    [Setting(typeof(string[]))]
    public const string Setting = "Hub:TrustedProxies";

    private readonly IReadOnlyList<IPNetwork> _networks;

    private TrustedProxies(IReadOnlyList<IPNetwork> networks) => _networks = networks;

    /// <exception cref="InvalidOperationException">An entry is not a network.</exception>
    public static TrustedProxies Read(IConfiguration configuration) => new(
    [
        .. NetworkSetting.In(configuration, Setting).Select(text => IPNetwork.TryParse(text, out var network)
            ? network
            : throw new InvalidOperationException(
                $"{Setting} is \"{text}\"; it must be networks in CIDR form such as 10.0.0.0/8, separated by commas.")),
    ]);

    public bool Contains(IPAddress address)
    {
        if (_networks.Count == 0)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(network => network.Contains(plain));
    }

    internal void Apply(ForwardedHeadersOptions options)
    {
        // ASP.NET Core trusts loopback by default. Here only the configured networks are trusted.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in _networks)
        {
            options.KnownIPNetworks.Add(network);
        }

        options.ForwardedHeaders = _networks.Count == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
    }
}
