using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ActivityHub.Phones.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Phones.Listening;

/// <summary>A web server for callbacks only.</summary>
internal sealed class CallbackListener : IAsyncDisposable
{
    private const long LargestDelivery = 8 << 20;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Callback> _callbacks = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private Uri _url = new("http://localhost/");

    private CallbackListener(WebApplication app, TimeProvider time)
    {
        _app = app;
        _time = time;
    }

    /// <param name="host">
    /// The host in the callback URL. Only a name or address of this machine's loopback interface keeps other machines out.
    /// </param>
    /// <param name="port">The port; 0 for a free one.</param>
    public static async Task<CallbackListener> StartAsync(string host, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = LargestDelivery;
                kestrel.Listen(IsLoopback(host) ? IPAddress.Loopback : IPAddress.Any, port);
            });
        var listener = new CallbackListener(builder.Build(), time);
        listener._app.Run(listener.HandleAsync);
        try
        {
            await listener._app.StartAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            await listener.DisposeAsync();
            throw new CommandFailedException($"callbacks cannot be heard on port {port}: {failure.Message}");
        }

        var bound = listener._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        listener._url = new UriBuilder("http", host, new Uri(bound).Port).Uri;
        return listener;
    }

    public Callback Open(string topic, string? secret, Action<Delivery> deliver)
    {
        var callback = new Callback(_url, topic, secret, deliver);
        _callbacks[callback.Path] = callback;
        return callback;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private Task HandleAsync(HttpContext http)
    {
        if (!_callbacks.TryGetValue(http.Request.Path.Value ?? "", out var callback))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (HttpMethods.IsGet(http.Request.Method))
        {
            return AnswerAsync(callback, http);
        }
        else if (HttpMethods.IsPost(http.Request.Method))
        {
            return TakeAsync(callback, http);
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        }

        return Task.CompletedTask;
    }

    private static async Task AnswerAsync(Callback callback, HttpContext http)
    {
        var query = http.Request.Query;
        if (query["hub.mode"] == "denied")
        {
            http.Response.StatusCode = callback.Deny(query["hub.topic"], query["hub.reason"])
                ? StatusCodes.Status200OK
                : StatusCodes.Status404NotFound;
            return;
        }

        if (
            callback.Confirm(query["hub.mode"], query["hub.topic"], query["hub.challenge"], query["hub.lease_seconds"]) is not { } challenge
        )
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(challenge, http.RequestAborted);
    }

    private async Task TakeAsync(Callback callback, HttpContext http)
    {
        using var body = new MemoryStream((int)Math.Clamp(http.Request.ContentLength ?? 0, 0, LargestDelivery));
        try
        {
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        }
        catch (Exception broken) when (broken is OperationCanceledException or IOException)
        {
            // The hub closed the connection during the request: the delivery was not received, and the hub will send it again.
            http.Abort();
            return;
        }

        var bytes = body.ToArray();
        var verdict = ContentSignature.Check(http.Request.Headers["X-Hub-Signature"], callback.Secret, bytes);
        callback.Deliver(
            new Delivery(
                http.Request.ContentType ?? "",
                bytes,
                verdict,
                http.Request.Headers["Hub-Delivery"],
                http.Request.Headers["Hub-Updates"],
                _time.GetUtcNow()
            )
        );
        // WebSub §7.1.2 allows a 2xx for a wrong signature; this way the answer reveals nothing to an unknown sender.
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
