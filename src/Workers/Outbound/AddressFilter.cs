using System.Net;
using System.Net.Sockets;
using Microsoft.Security.AntiSSRF;

namespace ActivityHub.Workers.Outbound;

/// <summary>Which addresses may be connected to: public ones, and those in networks that the operator opened.</summary>
internal sealed class AddressFilter(IEnumerable<string> allowedNetworks)
{
    // IANA has assigned no other range to public hosts. Every special range, present or future, and every prefix that embeds an IPv4
    // address in an IPv6 one (::/96, ::ffff:0:0:0/96, NAT64) lies outside of it.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Special = [.. IPAddressRanges.recommendedLatest.Select(network => IPNetwork.Parse(network))];

    private readonly IPNetwork[] _allowed = [.. allowedNetworks.Select(network => IPNetwork.Parse(network))];

    public bool Lets(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _allowed.Any(network => network.Contains(plain)) || IsPublic(plain);
    }

    private static bool IsPublic(IPAddress address) =>
        !Special.Any(network => network.Contains(address)) &&
        (address.AddressFamily == AddressFamily.InterNetwork || (GlobalUnicast.Contains(address) && !IsIsatap(address)));

    // RFC 5214 §6.1: within any prefix, the lower half 0000:5efe or 0200:5efe and an IPv4 address to which a router may unwrap it.
    private static bool IsIsatap(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    }
}
