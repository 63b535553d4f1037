using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>As much of a mail server as takes a mail (RFC 5321).</summary>
internal sealed partial class MailServer : IAsyncDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TcpListener _listener;
    private readonly Channel<string> _mails = Channel.CreateUnbounded<string>();
    private readonly Task _work;

    public MailServer(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _work = ServeAsync();
    }

    /// <summary>Has a hub send its mails here.</summary>
    public void Configure(HubAppOptions options)
    {
        options.Settings["Mail:Host"] = "127.0.0.1";
        options.Settings["Mail:Port"] = Port.ToString();
        options.Settings["Mail:Security"] = "none";
        options.Settings["Mail:From"] = "Hub <hub@example.org>";
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task<string> NextAsync() => await _mails.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);

    /// <summary>Whether a mail has come since the last one that was asked for.</summary>
    public bool Took([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? mail) => _mails.Reader.TryRead(out mail);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _work;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(CancellationToken.None);
                await TalkAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException or
            OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("220 here");
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (!line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
            {
                await writer.WriteLineAsync(line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase) ? "221 bye" : "250 well");
                continue;
            }

            await writer.WriteLineAsync("354 go on");
            var mail = new StringBuilder();
            while (await reader.ReadLineAsync(CancellationToken.None) is { } text && text != ".")
            {
                mail.Append(text).Append('\n');
            }

            foreach (Match token in Tokens().Matches(Unfolded(mail)))
            {
                LoggedSecrets.Note("token in a mail", token.Groups[1].Value);
            }

            _mails.Writer.TryWrite(Unfolded(mail));
            await writer.WriteLineAsync("250 taken");
        }
    }

    // Quoted-printable breaks long lines by "=" at their end.
    private static string Unfolded(StringBuilder mail) =>
        mail.ToString().Replace("=\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);

    [GeneratedRegex("[?&]token=([A-Za-z0-9_-]+)")]
    private static partial Regex Tokens();
}
