using System.Net.Sockets;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Commands;

/// <summary>
/// Lets who may read and write the folder of the embedded database give commands to the hub that holds it: a socket in that folder, which
/// only the hub's own user may open. One line of JSON each way.
/// </summary>
internal sealed partial class CommandSocket(
    IServiceProvider services, LedgerProvider provider, IOptions<HubOptions> options, TimeProvider time,
    ILogger<CommandSocket> logger) : BackgroundService
{
    private const string Name = "hub.sock";
    private const int MaxLine = 8 * 1024;
    private const int Waiting = 4;

    // The address of such a socket has a fixed length, the shortest of all systems less its end.
    private const int MaxPath = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>What the hub that holds the folder answers; null where none does.</summary>
    public static async Task<CommandResult?> AskAsync(string directory, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        var path = PathIn(directory);
        if (path.Length > MaxPath || !File.Exists(path))
        {
            return null;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException)
        {
            // Left by a hub that was killed.
            return null;
        }

        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(words).Append((byte)'\n').ToArray(), cancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(cancellationToken) is { } line && JsonSerializer.Deserialize<CommandResult>(line) is { } answer
            ? answer : new CommandResult(1, "The hub that holds the folder gave no answer; its log may say why.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var path = PathIn(options.Value.DataDirectory);
        if (provider.IsPostgres)
        {
            return;
        }

        if (path.Length > MaxPath)
        {
            Log.TooLong(logger, path.Length, MaxPath);
            return;
        }

        try
        {
            // The folder is ours: the lock on it says so.
            File.Delete(path);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            // No client can have connected before: it listens only now.
            socket.Listen(Waiting);
            while (true)
            {
                using var caller = await socket.AcceptAsync(stoppingToken);
                await AnswerAsync(caller, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or
            PlatformNotSupportedException)
        {
            Log.NotOpen(logger, exception.Message);
        }
    }

    // One after the other: who gives commands by hand is one.
    private async Task AnswerAsync(Socket caller, CancellationToken stoppingToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stoppingToken);
        try
        {
            await using var stream = new NetworkStream(caller);
            var words = JsonSerializer.Deserialize<string[]>(await ReadLineAsync(stream, either.Token)) ?? [];
            var answer = await AdminWords.DoAsync(services, words, either.Token);
            await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer).Append((byte)'\n').ToArray(), either.Token);
        }
#pragma warning disable CA1031 // Whatever one command fails of, the next is taken.
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.Message);
        }
    }

    private static async Task<byte[]> ReadLineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxLine];
        var length = 0;
        while (length < MaxLine)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            length += read;
            if (Array.IndexOf(buffer, (byte)'\n', 0, length) is var end and >= 0)
            {
                return buffer[..end];
            }

            if (read == 0)
            {
                break;
            }
        }

        throw new InvalidDataException("the command had no end");
    }

    private static string PathIn(string directory) => Path.Combine(Path.GetFullPath(directory), Name);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Commands (admin …) need the hub to be stopped: the data directory's path is too long for a socket in it ({Length} of {Most} "
            + "characters)")]
        public static partial void TooLong(ILogger logger, int length, int most);

        [LoggerMessage(2, LogLevel.Warning,
            "Commands (admin …) need the hub to be stopped: no socket could be opened in the data directory: {Reason}")]
        public static partial void NotOpen(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "A command failed: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
