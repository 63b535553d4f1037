using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ActivityHub.Bench.Load;

/// <summary>
/// All callbacks of a benchmark: one server on one port of every loopback address, so that each address is a separate host to the sender.
/// Paths are <c>/c/{n}</c>, and <c>/bare</c> for a yardstick's requests.
/// </summary>
internal sealed class CallbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private TaskCompletionSource<PostSample>? _sample;

    private CallbackServer(WebApplication app) => _app = app;

    public Callbacks Callbacks { get; set; } = new(0);

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<CallbackServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Any, 0, listen => listen.Use(LoopbackOnly));
        });
        var app = builder.Build();
        var server = new CallbackServer(app);
        app.Run(server.ReceiveAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>Returns the next POST.</summary>
    public Task<PostSample> SampleAsync()
    {
        var sample = new TaskCompletionSource<PostSample>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _sample, sample);
        return sample.Task;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // Listening on all loopback addresses requires listening on all addresses; connections from other machines are closed at once.
    private static ConnectionDelegate LoopbackOnly(ConnectionDelegate next) => connection =>
        connection.RemoteEndPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address)
            ? next(connection)
            : Task.CompletedTask;

    private async Task ReceiveAsync(HttpContext context)
    {
        await ReadBodyAsync(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        var path = context.Request.Path.Value.AsSpan();
        if (!path.StartsWith("/c/") || !int.TryParse(path[3..], CultureInfo.InvariantCulture, out var callback))
        {
            return;
        }

        switch (Callbacks.Troubles[callback])
        {
            case Misbehaviour.Fails:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case Misbehaviour.Hangs:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            default:
                var positions = context.Request.Headers["Hub-Updates"].ToString().AsSpan();
                var dash = positions.IndexOf('-');
                Callbacks.Note(
                    callback, long.Parse(positions[..dash], CultureInfo.InvariantCulture),
                    long.Parse(positions[(dash + 1)..], CultureInfo.InvariantCulture));
                return;
        }
    }

    private async ValueTask ReadBodyAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        var sample = Volatile.Read(ref _sample) is null ? null : Interlocked.Exchange(ref _sample, null);
        if (sample is not null)
        {
            using var body = new MemoryStream();
            await reader.CopyToAsync(body);
            sample.SetResult(
                new PostSample(
                    context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), body.ToArray()));
            return;
        }

        while (true)
        {
            var read = await reader.ReadAsync();
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
