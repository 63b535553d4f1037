using System.Net;
using System.Runtime.InteropServices;
using ActivityHub.Ledger.Access;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Ledger.Connections;

/// <summary>
/// Counts the connections of the process, in total and by client, for all protocols. Only clients with a connection have an entry. A
/// trusted proxy, or a proxy on a Unix socket, stands for many clients and may hold all connections.
/// </summary>
public sealed partial class ConnectionSeats
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _clients = new(StringComparer.Ordinal);
    private readonly TrustedProxies _proxies;
    private readonly TimeProvider _time;
    private readonly ILogger<ConnectionSeats> _logger;
    private int _taken;
    private long _refused;
    private long _nextWarning;

    internal ConnectionSeats(ConnectionRoom room, TrustedProxies proxies, TimeProvider time, ILogger<ConnectionSeats> logger) =>
        (Room, _proxies, _time, _logger) = (room, proxies, time, logger);

    internal ConnectionRoom Room { get; }

    // The last tenth is reserved for clients without a connection, so that a few clients at their limit cannot shut out the others.
    private int Kept => Room.Total / 10;

    /// <summary>Creates a separate count for a part of the connections. A client may hold a quarter of them.</summary>
    public ConnectionSeats Within(int total) =>
        new(Room with { Total = total, PerClient = Math.Min(Room.PerClient, Math.Max(1, total / 4)) }, _proxies, _time, _logger);

    /// <summary>
    /// Takes a seat, which must be disposed when the connection ends. Returns null if the connection must be closed at once.
    /// </summary>
    /// <param name="address">The remote address of the connection; null if it has none.</param>
    public IConnectionSeat? TryTake(IPAddress? address)
    {
        var client = address is null || _proxies.Contains(address) ? null : ClientAddress.Of(address);
        var isTaken = false;
        lock (_lock)
        {
            var own = client is null ? 0 : _clients.GetValueOrDefault(client);
            isTaken = _taken < Room.Total && own < Room.PerClient && (own == 0 || _taken < Room.Total - Kept);
            if (isTaken)
            {
                _taken++;
                if (client is not null)
                {
                    _clients[client] = own + 1;
                }
            }
        }

        if (isTaken)
        {
            return new Seat(this, client);
        }

        Warn();
        return null;
    }

    private void Leave(string? client)
    {
        lock (_lock)
        {
            _taken--;
            if (client is null)
            {
                return;
            }

            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_clients, client);
            if (--count == 0)
            {
                _clients.Remove(client);
            }
        }
    }

    // Logs at most one line a minute, also during a flood.
    private void Warn()
    {
        var refused = Interlocked.Increment(ref _refused);
        var (now, next) = (_time.GetTimestamp(), Volatile.Read(ref _nextWarning));
        if (now >= next &&
            Interlocked.CompareExchange(
                ref _nextWarning, now + ((long)BetweenWarnings.TotalSeconds * _time.TimestampFrequency), next) == next)
        {
            Log.Refused(_logger, refused, Room.Total, Room.PerClient);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Count} connections were closed at once since the start: {Total} are held at most (Limits:Connections, Mqtt:MaxConnections), "
            + "{PerClient} of one client (Limits:ConnectionsPerClient)")]
        public static partial void Refused(ILogger logger, long count, int total, int perClient);
    }

    private sealed class Seat(ConnectionSeats seats, string? client) : IConnectionSeat
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                seats.Leave(client);
            }
        }
    }
}
