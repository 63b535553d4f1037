using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Floods;

/// <summary>One way for one account to take more than its part.</summary>
internal abstract class Flood : IAsyncDisposable
{
    /// <summary>Where the attacker comes from: limits by client address are not the witness's.</summary>
    protected const string From = "127.0.0.9";

    /// <summary>Before what was refused is tried again.</summary>
    protected static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<HttpStatusCode, int> _answers = new();

    /// <summary>As the table names it.</summary>
    public abstract string Name { get; }

    /// <summary>What the hub did with it, once it has run.</summary>
    public abstract string Result { get; }

    /// <summary>Makes what it needs; not measured.</summary>
    public abstract Task PrepareAsync(string hub, TestOwner attacker, CancellationToken stop);

    /// <summary>Runs until it is over.</summary>
    public abstract Task RunAsync(CancellationToken over);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A client of an address of its own.</summary>
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

    /// <summary>What <see cref="Count"/> has seen: <c>180 × 413</c>.</summary>
    protected string Counted() =>
        "answers: " + string.Join(", ", _answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Value} × {(int)answer.Key}"));

    /// <summary>Does something time and again until it is over; what the hub refuses is counted by the caller.</summary>
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
                // Cut off, which is one way to stop a flood. Whoever asks again as fast as he can measures his own machine, which is the
                // witness's too.
                await Task.Delay(Pause, TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
