using System.Net;
using ActivityHub.Ledger.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using IPNetwork = System.Net.IPNetwork;

namespace ActivityHub.Ledger.Connections;

/// <summary>The proxies whose word on the client's address is taken, and that may hold as many connections as there are: <c>Hub:TrustedProxies</c>.</summary>
public sealed class TrustedProxies
{
    [Setting(typeof(string[]))]
    public const string Setting = "Hub:TrustedProxies";

    private readonly IReadOnlyList<IPNetwork> _networks;

    private TrustedProxies(IReadOnlyList<IPNetwork> networks) => _networks = networks;

    /// <exception cref="InvalidOperationException">One is no network.</exception>
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
        // Loopback is trusted by default; here nobody is who was not named.
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
