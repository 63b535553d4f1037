using System.Collections.Frozen;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// Ports where something else than HTTP listens, and might take a request for its own commands: a subscriber chooses the host and a phone
/// part of the body, which is how mail is sent through somebody else's server.
/// </summary>
public static class CallbackPorts
{
    // The "bad ports" of https://fetch.spec.whatwg.org/#port-blocking, save tcpmux (1) and discard (9), where nothing can be harmed; and Redis
    // and memcached, which read lines.
    private static readonly FrozenSet<int> Closed =
    [
        0, 7, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
        119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601,
        636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
        6697, 10080, 11211,
    ];

    public static bool IsClosed(int port) => Closed.Contains(port);
}
