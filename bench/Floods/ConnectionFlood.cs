using System.Net.Sockets;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Floods;

/// <summary>Connections without a key that send half a request; a closed connection is opened again.</summary>
internal sealed class ConnectionFlood : Flood
{
    private const int Connections = 900;

    private int _port;
    private int _opened;
    private int _closed;

    public override string Name => "connections";

    public override string Result => $"{_opened} opened by one client, {_closed} of them closed by the hub within the time";

    public override Task PrepareAsync(string hub, TestOwner attacker, CancellationToken stop)
    {
        _port = new Uri(hub).Port;
        return Task.CompletedTask;
    }

    public override Task RunAsync(CancellationToken over) => Task.WhenAll(Enumerable.Range(0, Connections).Select(async number =>
    {
        // The connections do not all start in the same millisecond.
        await Task.Delay(TimeSpan.FromMilliseconds(number), TimeProvider.System, over);
        await RepeatAsync(() => HoldAsync(over), over);
    }));

    private async Task HoldAsync(CancellationToken over)
    {
        using var socket = await ConnectAsync(From, _port, over);
        Interlocked.Increment(ref _opened);
        var said = "GET /"u8.ToArray();
        await socket.SendAsync(said, over);
        try
        {
            await socket.ReceiveAsync(new byte[16], over);
        }
        catch (SocketException)
        {
            // The connection was reset instead of closed.
        }

        Interlocked.Increment(ref _closed);
        await Task.Delay(Pause, TimeProvider.System, over);
    }
}
