using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Ledger.Access;

/// <summary>Whom a request is counted against where it is limited by where it comes from.</summary>
public static class ClientAddress
{
    /// <summary>
    /// An IPv4 address, also where it is dressed as IPv6; of an IPv6 address its /64: one customer is given at least that much, and could
    /// come from another address with each request. Empty where the transport knows no address.
    /// </summary>
    public static string Of(IPAddress? address) => address is null ? "" : CallbackHost.Of(address);

    /// <summary>
    /// One of <paramref name="count"/> partitions, so that memory is bounded whoever comes: by a hash that is seeded anew in each process,
    /// with which nobody outside can aim. Of the same networks as <see cref="Of"/>, without making a text of them.
    /// </summary>
    public static int PartitionOf(IPAddress? address, int count)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = 0;
        address?.TryWriteBytes(bytes, out length);
        var network = address switch
        {
            null => [],
            { IsIPv4MappedToIPv6: true } => bytes[12..],
            { AddressFamily: AddressFamily.InterNetwork } => bytes[..length],
            _ => bytes[..8],
        };
        return (int)((uint)string.GetHashCode(MemoryMarshal.Cast<byte, char>(network)) % (uint)count);
    }
}
