using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActivityHub.Workers.Tests.Outbound;

/// <summary>A callback that sends raw bytes, for answers that a web server would never send.</summary>
internal sealed class RawCallback : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private int _connections;
    private int _requests;
    private int _ended;

    private RawCallback(IPEndPoint place, X509Certificate2? certificate, Func<Stream, CancellationToken, Task> answer)
    {
        (_certificate, _answer) = (certificate, answer);
        _listener = new TcpListener(place);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Url => new($"{(_certificate is null ? "http" : "https")}://{_listener.LocalEndpoint}/cb");

    public int Connections => Volatile.Read(ref _connections);

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The number of ended connections, closed by either side.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>The head of the last request.</summary>
    public string Head { get; private set; } = "";

    /// <summary>Answers each request with the given bytes.</summary>
    public static RawCallback Answering(string answer, IPAddress? address = null, int port = 0, X509Certificate2? certificate = null) =>
        new(
        new IPEndPoint(address ?? IPAddress.Loopback, port),
        certificate,
        (stream, token) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer), token).AsTask());

    /// <summary>Runs the given function for each request; the connection ends when it throws or the client hangs up.</summary>
    public static RawCallback Start(Func<Stream, CancellationToken, Task> answer) =>
        new(new IPEndPoint(IPAddress.Loopback, 0), null, answer);

    /// <summary>Sends the bytes again and again until the client has hung up.</summary>
    public static async Task RepeatAsync(Stream stream, byte[] bytes, TimeSpan pause, CancellationToken token)
    {
        while (true)
        {
            await stream.WriteAsync(bytes, token);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, TimeProvider.System, token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_closing.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException ||
            (exception is InvalidOperationException && _closing.IsCancellationRequested))
        {
            // The last connection: the listener stopped just before the next accept.
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        // With a small send buffer, the number of sent bytes is close to the number of read bytes.
        client.SendBufferSize = 16 * 1024;
        try
        {
            await using var plain = new NetworkStream(client, ownsSocket: true);
            if (_certificate is null)
            {
                await ServeAsync(plain);
                return;
            }

            await using var secure = new SslStream(plain);
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _closing.Token);
            await ServeAsync(secure);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException or
            ObjectDisposedException or AuthenticationException)
        {
            // The hub closes the connection of a misbehaving callback, as these tests expect.
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        while (await ReadHeadAsync(stream) is { Length: > 0 } head)
        {
            Head = head;
            Interlocked.Increment(ref _requests);
            await _answer(stream, _closing.Token);
        }
    }

    // Requests of these tests have no body.
    private async Task<string> ReadHeadAsync(Stream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _closing.Token) == 1)
        {
            text.Append((char)one[0]);
            if (text.Length >= 4 && text.ToString(text.Length - 4, 4) == "\r\n\r\n")
            {
                return text.ToString();
            }
        }

        return "";
    }
}
