using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace ActivityHub.FeedApi.Intake.Mqtt;

/// <summary>
/// Follows the packet boundaries and the declared lengths (MQTT 5.0 §2.1.4: up to 256 MB). Closes the connection before memory is allocated
/// for a packet that is too long, because any client can send packets before its key is checked.
/// </summary>
internal sealed class BoundedChannel(IMqttChannel inner, int maxPacket) : IMqttChannel
{
    private const int MaxLengthBytes = 4;

    // The rest of the current packet's body; and the length of the next packet, as far as it has been read.
    private long _left;
    private int _lengthBytes = -1;
    private long _length;

    public X509Certificate2? ClientCertificate => inner.ClientCertificate;

    public EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        var read = await inner.ReadAsync(buffer, offset, count, cancellationToken);
        Follow(buffer.AsSpan(offset, read));
        return read;
    }

    public Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, isEndOfPacket, cancellationToken);

    public void Dispose() => inner.Dispose();

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var body = (int)Math.Min(_left, bytes.Length);
                _left -= body;
                bytes = bytes[body..];
                continue;
            }

            var next = bytes[0];
            bytes = bytes[1..];
            if (_lengthBytes < 0)
            {
                // The packet's type. Its length follows, seven bits per byte, the lowest first.
                (_lengthBytes, _length) = (0, 0);
                continue;
            }

            _length |= (long)(next & 127) << (7 * _lengthBytes);
            _lengthBytes++;
            if ((next & 128) == 0)
            {
                if (_length > maxPacket)
                {
                    throw new InvalidDataException($"A packet of {_length} bytes: at most {maxPacket} are taken.");
                }

                (_left, _lengthBytes) = (_length, -1);
            }
            else if (_lengthBytes == MaxLengthBytes)
            {
                throw new InvalidDataException("The length of a packet has more than four bytes.");
            }
        }
    }
}
