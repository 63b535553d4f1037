using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The host of a callback, for all limits per host: one name for every spelling, scheme and port.</summary>
public static class CallbackHost
{
    /// <summary>
    /// Returns the name in lower case and punycode without the root's trailing dot, or an address as in <see cref="Of(IPAddress)"/>.
    /// </summary>
    public static string Of(Uri callback)
    {
        var name = callback.IdnHost.TrimEnd('.').ToLowerInvariant();
        return IPAddress.TryParse(name, out var address) ? Of(address) : name;
    }

    /// <summary>
    /// Returns an IPv4 address, also for an IPv4-mapped IPv6 address. For another IPv6 address, returns its /64, the range that one network
    /// gets.
    /// </summary>
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0);
        return $"{new IPAddress(bytes)}/64";
    }
}
