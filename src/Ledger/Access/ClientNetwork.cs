using System.Net;
using System.Net.Sockets;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// The network of whoever asks, as an owner is told of it: enough to see a stranger, and not the address of a person. IPv4 to /24, IPv6 to /48.
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
