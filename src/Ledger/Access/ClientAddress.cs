using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Ledger.Access;

/// <summary>The client to which a request counts if a limit is by address.</summary>
public static class ClientAddress
{
    /// <summary>
    /// Returns an IPv4 address, also if it is mapped to IPv6, or the /64 of an IPv6 address: one customer gets at least a /64 and could use
    /// another address for each request. Returns an empty text if the transport has no address.
    /// </summary>
    public static string Of(IPAddress? address) => address is null ? "" : CallbackHost.Of(address);

    /// <summary>
    /// Returns one of <paramref name="count"/> partitions, so that memory is bounded for any number of clients. The hash has a new seed in
    /// each process, so a client cannot choose its partition. The networks are the same as in <see cref="Of"/>, but no text is created.
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
