using System.Net;
using System.Net.Sockets;
using ActivityHub.Ledger.Connections;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Server;

namespace ActivityHub.FeedApi.Intake.Mqtt;

/// <summary>
/// Accepts connections, with a limit in total and a limit per client. The length of every packet is checked before it is parsed.
/// </summary>
internal sealed partial class MqttListener(
    IPEndPoint address, int maxConnections, ConnectionSeats seats, ILogger logger) : IMqttServerAdapter
{
    /// <summary>The longest packet; equal to the longest body of a POST.</summary>
    public const int MaxPacket = 1024 * 1024;

    private const int WriterBuffer = 4096;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConnectionSeats _places = seats.Within(maxConnections);
    private readonly Socket _socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private Task _accepting = Task.CompletedTask;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger quiet)
    {
        _socket.Bind(address);
        _socket.Listen();
        _accepting = AcceptAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(stopping);
                _ = ServeAsync(socket);
            }
            catch (SocketException exception) when (!stopping.IsCancellationRequested)
            {
                // The client disconnected before the accept, or no file descriptor is free: existing connections continue.
                Log.NotAccepted(logger, exception.SocketErrorCode.ToString());
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, stopping)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Counts the connection against the limit of the process and the limit of MQTT.
    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        try
        {
            var client = (socket.RemoteEndPoint as IPEndPoint)?.Address;
            using var seat = seats.TryTake(client);
            using var place = seat is null ? null : _places.TryTake(client);
            if (place is null)
            {
                return;
            }

            await Task.Yield();
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var channel = new BoundedChannel(
                new MqttTcpChannel(stream, socket.LocalEndPoint, socket.RemoteEndPoint, null), MaxPacket);
            using var adapter = new PublisherAdapter(new MqttChannelAdapter(
                channel, new MqttPacketFormatterAdapter(new MqttBufferWriter(WriterBuffer, MaxPacket)), MqttNetNullLogger.Instance));
            await ClientHandler!(adapter);
        }
#pragma warning disable CA1031 // An error of one client ends only its connection.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Cut(logger, exception.GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An MQTT connection could not be accepted ({Reason})")]
        public static partial void NotAccepted(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Debug, "An MQTT connection was cut ({Reason})")]
        public static partial void Cut(ILogger logger, string reason);
    }
}
