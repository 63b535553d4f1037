using System.Net;
using System.Net.Sockets;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// The network of a reader, as shown to the owner: enough to notice an unknown reader, but not a person's address. IPv4: /24, IPv6: /48.
/// </summary>
public static class ClientNetwork
{
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 24 : 48;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
