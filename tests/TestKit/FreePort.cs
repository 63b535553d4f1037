using System.Net;
using System.Net.Sockets;

namespace ActivityHub.TestKit;

/// <summary>
/// Finds a loopback port that is free now. Another process may take it before it is used, so the caller must be ready to retry.
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
