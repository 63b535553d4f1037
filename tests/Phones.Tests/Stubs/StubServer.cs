using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Phones.Tests.Stubs;

/// <summary>A real server on loopback that answers as told, and keeps what it was sent.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubServer(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = new("http://localhost/");

    public ConcurrentQueue<string> Bodies { get; } = new();

    public static async Task<StubServer> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var server = new StubServer(builder.Build());
        server._app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync(http.RequestAborted);
            server.Bodies.Enqueue(body);
            http.Items["body"] = body;
            await answer(http);
        });
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        server.Url = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    /// <summary>Answers the first request with the first answer, and so on; the last one goes for all that follow.</summary>
    public static Task<StubServer> AnsweringAsync(params Action<HttpContext>[] answers)
    {
        var count = 0;
        return StartAsync(http =>
        {
            answers[Math.Min(Interlocked.Increment(ref count), answers.Length) - 1](http);
            return Task.CompletedTask;
        });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
