using System.Net;
using System.Net.Sockets;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Makes every connection of the hub to a callback: resolves its name, looks at each address, and connects to those that it has looked at,
/// so that no second look-up can answer otherwise.
/// </summary>
internal sealed class ScreenedConnection(AddressScreen screen, Resolve resolve, StrangerPace pace)
{
    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        if (CallbackPorts.IsClosed(port))
        {
            throw new ForbiddenConnectionException($"Port {port} is none for HTTP, and this hub does not send there.");
        }

        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        // A good address among the bad is what a name has that is to lead inward: one bad address is enough.
        if (!addresses.All(screen.Lets))
        {
            throw new ForbiddenConnectionException("The address is private or special, and this hub does not send there.");
        }

        if (Stranger.Behind(context.InitialRequestMessage) is { } stranger && !pace.TryConnect(stranger, addresses, out var wait))
        {
            throw new StrangerWaitsException(wait);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The guard does not let a connection be made. Its message is for whoever sees attempts.</summary>
internal sealed class ForbiddenConnectionException(string message) : Exception(message);

/// <summary>The address has been called often enough on behalf of callbacks that never said yes.</summary>
internal sealed class StrangerWaitsException(TimeSpan wait) : Exception("The address has been asked often enough for now.")
{
    public TimeSpan Wait { get; } = wait;
}
