using System.Net;
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
    /// with which nobody outside can aim.
    /// </summary>
    public static int PartitionOf(IPAddress? address, int count) =>
        (int)((uint)Of(address).GetHashCode(StringComparison.Ordinal) % (uint)count);
}
