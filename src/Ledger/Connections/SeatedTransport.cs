using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Connections;

/// <summary>
/// Kestrel's socket transport, which takes a seat as it accepts a connection. Kestrel itself accepts all waiting connections before it
/// handles the first of them. On a busy machine a flood would therefore open all files that the process may open, and a .NET process
/// without free files ends.
/// </summary>
internal sealed class SeatedTransport(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers,
    ConnectionSeats seats) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await _sockets.BindAsync(endpoint, cancellationToken), seats);

    private sealed class Listener(IConnectionListener sockets, ConnectionSeats seats) : IConnectionListener
    {
        public EndPoint EndPoint => sockets.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await sockets.AcceptAsync(cancellationToken) is { } connection)
            {
                if (seats.TryTake((connection.RemoteEndPoint as IPEndPoint)?.Address) is { } seat)
                {
                    connection.Features.Set(seat);
                    return connection;
                }

                // Closes this connection before the next one is accepted.
                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => sockets.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => sockets.DisposeAsync();
    }
}
