using System.Net;
using System.Net.Sockets;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Makes every connection of the hub to a callback: resolves the name, checks each address, and connects only to the checked addresses, so
/// that no second look-up can give another result.
/// </summary>
internal sealed class FilteredConnection(AddressFilter screen, Resolve resolve, UnverifiedCallbackThrottle pace, RefusalLog refusals)
{
    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        if (CallbackPorts.IsClosed(port))
        {
            refusals.Port(host, port);
            throw new ForbiddenConnectionException($"Port {port} is none for HTTP, and this hub does not send there.");
        }

        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        // A good address among the bad is what a name has that is to lead inward: one bad address is enough.
        if (Array.Find(addresses, address => !screen.Lets(address)) is { } refused)
        {
            refusals.Address(host, refused);
            throw new ForbiddenConnectionException("The address is private or special, and this hub does not send there.");
        }

        return UnverifiedCallback.Behind(context.InitialRequestMessage) is { } unverified
            ? await ConnectAsync(unverified, addresses, port, cancellationToken)
            : new NetworkStream(await ConnectAsync(socket => socket.ConnectAsync(addresses, port, cancellationToken)), ownsSocket: true);
    }

    // One address after the other, since each connection counts against the calls of its address.
    private async Task<Stream> ConnectAsync(
        UnverifiedCallback unverified, IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (var address in addresses)
        {
            if (!pace.TryConnect(address, out var wait))
            {
                failure ??= new UnverifiedCallbackThrottledException(wait);
                continue;
            }

            try
            {
                var socket = await ConnectAsync(opened => opened.ConnectAsync(address, port, cancellationToken));
                unverified.Address = UnverifiedCallbackThrottle.NameOf(address);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                failure = exception;
            }
        }

        throw failure!;
    }

    private static async Task<Socket> ConnectAsync(Func<Socket, ValueTask> connect)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await connect(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The guard refuses a connection. Its message is shown with the attempts.</summary>
internal sealed class ForbiddenConnectionException(string message) : Exception(message);

/// <summary>The address has been called often enough on behalf of callbacks that never said yes.</summary>
internal sealed class UnverifiedCallbackThrottledException(TimeSpan wait) : Exception("The address has been asked often enough for now.")
{
    public TimeSpan Wait { get; } = wait;
}
