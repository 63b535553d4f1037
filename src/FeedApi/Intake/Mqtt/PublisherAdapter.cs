using System.Net;
using System.Security.Cryptography.X509Certificates;
using ActivityHub.Ledger;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace ActivityHub.FeedApi.Intake.Mqtt;

/// <summary>
/// A connection that only publishes. At a broker, a client that uses the id of another client gets its session and disconnects it. Here ids
/// are not secret and reserve nothing, so each connection gets an id of its own. A last will is dropped, because it is not a message of the
/// phone.
/// </summary>
internal sealed class PublisherAdapter(IMqttChannelAdapter inner) : IMqttChannelAdapter
{
    // The longest keep-alive interval in seconds. A connection without keep-alive would occupy its place for ever.
    private const ushort LongestSilence = 3600;

    public long BytesReceived => inner.BytesReceived;

    public long BytesSent => inner.BytesSent;

    public X509Certificate2? ClientCertificate => inner.ClientCertificate;

    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => inner.PacketFormatterAdapter;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        var packet = await inner.ReceivePacketAsync(cancellationToken);
        if (packet is MqttConnectPacket connect)
        {
            connect.ClientId = RandomId.New().ToString("N");
            connect.CleanSession = true;
            connect.WillFlag = false;
            connect.KeepAlivePeriod = connect.KeepAlivePeriod is 0 or > LongestSilence ? LongestSilence : connect.KeepAlivePeriod;
        }

        return packet;
    }

    public void ResetStatistics() => inner.ResetStatistics();

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => inner.SendPacketAsync(packet, cancellationToken);

    public void Dispose() => inner.Dispose();
}
