using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActivityHub.TestKit;

/// <summary>
/// A subscriber's callback host: a real server on a loopback port that confirms, accepts, refuses or misbehaves as scripted, and records
/// every request. The listener's own members apply to its default path, <c>/callback</c>; <see cref="At"/> adds further paths with their
/// own answers and records.
/// </summary>
public sealed class CallbackListener : IAsyncDisposable
{
    private const string DefaultPath = "/callback";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, CallbackPath> _paths = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly WebApplication _app;
    private int _open;
    private int _mostAtOnce;

    private CallbackListener(WebApplication app)
    {
        this._app = app;
        Origin = app.Urls.Single();
        Default = At(DefaultPath);
    }

    /// <summary>The path that <see cref="Url"/> names when no path is given.</summary>
    public CallbackPath Default { get; }

    /// <summary>Scheme, host and port.</summary>
    public string Origin { get; }

    /// <inheritdoc cref="CallbackPath.Requests"/>
    public IReadOnlyList<ReceivedRequest> Requests => Default.Requests;

    /// <inheritdoc cref="CallbackPath.Deliveries"/>
    public IReadOnlyList<ReceivedRequest> Deliveries => Default.Deliveries;

    /// <inheritdoc cref="CallbackPath.Verifications"/>
    public IReadOnlyList<ReceivedRequest> Verifications => Default.Verifications;

    /// <summary>The highest number of requests held at one time, over all paths. Bulkhead tests check it.</summary>
    public int MostAtOnce => Volatile.Read(ref _mostAtOnce);

    /// <summary>Starts a host that confirms every verification and accepts every delivery.</summary>
    public static Task<CallbackListener> StartAsync() => AnsweringAsync(HttpStatusCode.NoContent);

    /// <summary>
    /// Starts a host that confirms every verification and answers deliveries with the given statuses in order; the last one repeats.
    /// </summary>
    public static Task<CallbackListener> AnsweringAsync(params HttpStatusCode[] answers) =>
        AnsweringAsync([.. answers.Select(status => (CallbackReply)status)]);

    /// <inheritdoc cref="AnsweringAsync(HttpStatusCode[])"/>
    public static Task<CallbackListener> AnsweringAsync(params CallbackReply[] answers) => AnsweringAsync(IPAddress.Loopback, answers);

    /// <summary>
    /// Starts a host on another loopback address of this machine (127.0.0.2 and up), which the hub treats as a different host.
    /// </summary>
    public static async Task<CallbackListener> AnsweringAsync(IPAddress address, params CallbackReply[] answers)
    {
        // An empty builder, because tests start many hosts: no configuration files to watch, no logging, no filters.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address, 0);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            // Some tests need a client that reads the body slowly or not at all.
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);

        var app = builder.Build();
        CallbackListener? listener = null;
        app.Run(context => listener!.ReceiveAsync(context));
        await app.StartAsync();
        listener = new CallbackListener(app);
        listener.Answers(answers);
        return listener;
    }

    /// <summary>The absolute URL of a path on this host.</summary>
    /// <param name="path">The path with its leading slash; a query may follow. The default path if absent.</param>
    public string Url(string path = DefaultPath) => Origin + path;

    /// <summary>Returns a path with its own answers and records.</summary>
    public CallbackPath At(string path) => _paths.GetOrAdd(path, found => new CallbackPath(Origin + found));

    /// <inheritdoc cref="CallbackPath.Answers"/>
    public CallbackPath Answers(params CallbackReply[] answers) => Default.Answers(answers);

    /// <inheritdoc cref="CallbackPath.Verifies"/>
    public CallbackPath Verifies(params CallbackReply[] answers) => Default.Verifies(answers);

    /// <inheritdoc cref="CallbackPath.WaitForAsync(int, TimeSpan?)"/>
    public Task<IReadOnlyList<ReceivedRequest>> WaitForAsync(int deliveries, TimeSpan? timeout = null) =>
        Default.WaitForAsync(deliveries, timeout);

    /// <inheritdoc cref="CallbackPath.WaitForAsync(Func{ReceivedRequest, bool}, TimeSpan?)"/>
    public Task<ReceivedRequest> WaitForAsync(Func<ReceivedRequest, bool> fits, TimeSpan? timeout = null) =>
        Default.WaitForAsync(fits, timeout);

    /// <inheritdoc cref="CallbackPath.WaitForVerificationAsync"/>
    public Task<ReceivedRequest> WaitForVerificationAsync(int count = 1, TimeSpan? timeout = null) =>
        Default.WaitForVerificationAsync(count, timeout);

    /// <inheritdoc cref="CallbackPath.WaitUntilAsync(Func{IReadOnlyList{ReceivedRequest}, bool}, TimeSpan?)"/>
    public Task WaitUntilAsync(Func<IReadOnlyList<ReceivedRequest>, bool> enough, TimeSpan? timeout = null) =>
        Default.WaitUntilAsync(enough, timeout);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _app.DisposeAsync();
        _closing.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var request = context.Request;
        using var body = new MemoryStream();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, context.RequestAborted);
        NoteHeld(Interlocked.Increment(ref _open));
        ReceivedRequest? received = null;
        int? status = null;
        try
        {
            await request.Body.CopyToAsync(body, over.Token);
            received = new ReceivedRequest(
                request.Method,
                request.Path,
                request.QueryString.Value ?? "",
                request.Headers.ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase),
                body.ToArray(),
                TimeProvider.System.GetUtcNow())
            {
                Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            };
            context.Features.Set(received);
            await At(request.Path).Take(received).GiveAsync(context, over.Token);
            await context.Response.CompleteAsync();
            status = context.Response.StatusCode;
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client hung up, or the listener is closing: a scripted misbehaviour ends in one of these two ways.
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            received?.Given = new AnswerGiven(status, over.IsCancellationRequested, TimeProvider.System.GetUtcNow());
        }
    }

    private void NoteHeld(int held)
    {
        for (var most = _mostAtOnce; held > most; most = _mostAtOnce)
        {
            Interlocked.CompareExchange(ref _mostAtOnce, held, most);
        }
    }
}
