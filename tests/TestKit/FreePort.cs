using System.Net;
using System.Net.Sockets;

namespace ActivityHub.TestKit;

/// <summary>
/// A loopback port that nobody listens on now. Somebody may by the time it is used, so whoever asks must be ready to retry.
/// </summary>
public static class FreePort
{
    public static int Find()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
