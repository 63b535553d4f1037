using System.Net;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// The one door through which requests leave. It screens every address that a name resolves to when it connects, follows no redirect, keeps
/// no cookie, unpacks nothing, and uses no proxy. One connection pool for the process; a call to a stranger has a connection of its own
/// beside it.
/// </summary>
internal sealed class EgressClient : IDisposable
{
    public const string UserAgent = "ActivityHub/0.1";
    private const int MaxHeaderKibibytes = 16;

    // So many further bytes of an answer are read to keep its connection; where the answer is longer or stalls, the connection is closed.
    private const int MaxDrainBytes = 64 * 1024;
    private static readonly TimeSpan MaxDrain = TimeSpan.FromSeconds(1);

    // Not HttpClient: what that adds (timeouts, defaults, buffers) is of no use here.
    private readonly HttpMessageInvoker _handler;
    private readonly Func<HttpMessageInvoker> _alone;

    public EgressClient(
        IOptions<OutboundOptions> outbound, IOptions<DeliveryOptions> delivery, Resolve resolve, UnverifiedCallbackThrottle pace,
        RefusalLog refusals)
    {
        var connection = new FilteredConnection(new AddressFilter(outbound.Value.AllowedCallbackNetworks), resolve, pace, refusals);
        _handler = Open(outbound.Value.ConnectionLifetime);
        // One that is never used again.
        _alone = () => Open(TimeSpan.Zero);

        HttpMessageInvoker Open(TimeSpan lifetime) => new(new SocketsHttpHandler
        {
            ConnectCallback = connection.OpenAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = delivery.Value.ConnectTimeout,
            PooledConnectionLifetime = lifetime,
            MaxResponseHeadersLength = MaxHeaderKibibytes,
            MaxResponseDrainSize = MaxDrainBytes,
            ResponseDrainTimeout = MaxDrain,
            // No traceparent: how this hub is traced is not for strangers to know.
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>
    /// Sends a request; the answer's head is there, its body is still to be read. The caller sets the deadline: the door has none of its
    /// own. On behalf of a stranger each request has a new connection: so it is counted by the address that it reaches, which a connection
    /// that is kept alive would not be, and a connection to another address of the same name never serves it.
    /// </summary>
    public async Task<EgressResponse> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // HTTP/1.1 and no other: one that goes over QUIC would not come by the screen.
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (UnverifiedCallback.Behind(request) is null)
        {
            return new EgressResponse(await _handler.SendAsync(request, cancellationToken), null);
        }

        request.Headers.ConnectionClose = true;
        var alone = _alone();
        try
        {
            return new EgressResponse(await alone.SendAsync(request, cancellationToken), alone);
        }
        catch
        {
            alone.Dispose();
            throw;
        }
    }

    public void Dispose() => _handler.Dispose();
}

/// <summary>An answer with the connection that is its own, if it is not one of the pool.</summary>
internal readonly record struct EgressResponse(HttpResponseMessage Response, HttpMessageInvoker? Alone) : IDisposable
{
    public void Dispose()
    {
        Response.Dispose();
        Alone?.Dispose();
    }
}
