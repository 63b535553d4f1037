using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace ActivityHub.Bench.Load;

/// <summary>
/// A kept-alive HTTP/1.1 connection that sends prepared bytes and parses only the necessary parts of the answer. The load shares two cores
/// with the hub; a full client would take as much processor time as the hub.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _bodyStart;
    private int _length;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>The body of the last answer; valid until the next request.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _length - _bodyStart);

    public static async Task<RawConnection> OpenAsync(Uri server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);
            return new RawConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a whole request, reads the whole answer, and returns its status.</summary>
    public async ValueTask<int> AskAsync(ReadOnlyMemory<byte> request)
    {
        await _socket.SendAsync(request);
        _length = 0;
        int headLength;
        while ((headLength = HeadLength()) < 0)
        {
            await ReadMoreAsync();
        }

        var (status, bodyLength) = ReadHead(headLength);
        _bodyStart = headLength;
        while (_length < headLength + bodyLength)
        {
            await ReadMoreAsync();
        }

        return status;
    }

    public void Dispose() => _socket.Dispose();

    private int HeadLength() => _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8) is >= 0 and var end ? end + 4 : -1;

    private (int Status, int BodyLength) ReadHead(int headLength)
    {
        var head = _buffer.AsSpan(0, headLength);
        if (!Utf8Parser.TryParse(head[9..12], out int status, out _))
        {
            throw new InvalidOperationException("The answer does not begin as one of HTTP/1.1 does.");
        }

        // 204 and 304 have no body, even if there is a Content-Length header.
        if (status is 204 or 304)
        {
            return (status, 0);
        }

        var name = "Content-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _)
            ? (status, length)
            : throw new InvalidOperationException($"The load reads answers that name their length; this one, a {status}, does not.");
    }

    private async ValueTask ReadMoreAsync()
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
        _length += read > 0 ? read : throw new IOException("The server closed the connection in the middle of an answer.");
    }
}
