using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Whose door a callback is, for all that is limited by host: one name for every spelling, scheme and port.</summary>
public static class CallbackHost
{
    /// <summary>A name in lower case and punycode without the root's dot, or an address as <see cref="Of(IPAddress)"/> has it.</summary>
    public static string Of(Uri callback)
    {
        var name = callback.IdnHost.TrimEnd('.').ToLowerInvariant();
        return IPAddress.TryParse(name, out var address) ? Of(address) : name;
    }

    /// <summary>An IPv4 address, also where it is dressed as IPv6; of an IPv6 address its /64, which is what one network gets.</summary>
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
