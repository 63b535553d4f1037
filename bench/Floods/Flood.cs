using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Floods;

/// <summary>One way in which an account can take more than its share.</summary>
internal abstract class Flood : IAsyncDisposable
{
    /// <summary>The attacker's address. The witness has another one, so limits per client address do not affect the witness.</summary>
    protected const string From = "127.0.0.9";

    /// <summary>The wait before a refused action is tried again.</summary>
    protected static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<HttpStatusCode, int> _answers = new();

    /// <summary>The name in the table.</summary>
    public abstract string Name { get; }

    /// <summary>The hub's reaction to the flood; valid after the run.</summary>
    public abstract string Result { get; }

    /// <summary>Prepares the flood; not measured.</summary>
    public abstract Task PrepareAsync(string hub, TestOwner attacker, CancellationToken stop);

    /// <summary>Runs until cancelled.</summary>
    public abstract Task RunAsync(CancellationToken over);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Creates a client that connects from the given address.</summary>
    public static HttpClient ClientFrom(string address, string hub) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, token) =>
            new NetworkStream(await ConnectAsync(address, context.DnsEndPoint.Port, token), ownsSocket: true),
    })
    { BaseAddress = new Uri(hub), Timeout = TimeSpan.FromMinutes(2) };

    protected static async Task<Socket> ConnectAsync(string from, int port, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    protected void Count(HttpResponseMessage answer) => _answers.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);

    /// <summary>Returns the statuses seen by <see cref="Count"/>, such as <c>180 × 413</c>.</summary>
    protected string Counted() =>
        "answers: " + string.Join(", ", _answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Value} × {(int)answer.Key}"));

    /// <summary>Repeats an action until cancelled; the caller counts the hub's refusals.</summary>
    protected static async Task RepeatAsync(Func<Task> act, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await act();
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or OperationCanceledException)
            {
                // The hub cut the connection, which is one way to stop a flood. An immediate retry would load this machine, which the
                // witness uses too.
                await Task.Delay(Pause, TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
