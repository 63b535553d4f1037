using System.Net;
using ActivityHub.Workers.Deliveries;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// The one door through which requests leave. It screens every address that a name resolves to when it connects, follows no redirect, keeps
/// no cookie, unpacks nothing, and uses no proxy. One connection pool for the process.
/// </summary>
internal sealed class GuardedDoor : IDisposable
{
    private const int MaxHeaderKibibytes = 16;

    // What is left of an answer is read so far to keep its connection; of one that is longer, or that does not come, the connection is closed.
    private const int MaxDrainBytes = 64 * 1024;
    private static readonly TimeSpan MaxDrain = TimeSpan.FromSeconds(1);

    // Not HttpClient: what that adds (timeouts, defaults, buffers) is of no use here.
    private readonly HttpMessageInvoker _handler;

    public GuardedDoor(IOptions<OutboundOptions> outbound, IOptions<DeliveryOptions> delivery, Resolve resolve, StrangerPace pace)
    {
        var connection = new ScreenedConnection(new AddressScreen(outbound.Value.AllowedCallbackNetworks), resolve, pace);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = connection.OpenAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = delivery.Value.ConnectTimeout,
            PooledConnectionLifetime = outbound.Value.ConnectionLifetime,
            MaxResponseHeadersLength = MaxHeaderKibibytes,
            MaxResponseDrainSize = MaxDrainBytes,
            ResponseDrainTimeout = MaxDrain,
            // No traceparent: how this hub is traced is not for strangers to know.
            ActivityHeadersPropagator = null,
        };
        _handler = new HttpMessageInvoker(handler);
    }

    /// <summary>Sends a request; the answer's head is there, its body is still to be read. Whoever sends sets the deadline: the door has none of its own.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // HTTP/1.1 and no other: one that goes over QUIC would not come by the screen.
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.TryAddWithoutValidation("User-Agent", "ActivityHub/0.1");
        return _handler.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _handler.Dispose();
}
