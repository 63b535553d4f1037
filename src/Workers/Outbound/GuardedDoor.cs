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
        };
        // HTTP/1.1 and no other: one that goes over QUIC would not come by the screen.
        Client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = System.Net.HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        Client.DefaultRequestHeaders.UserAgent.ParseAdd("ActivityHub/0.1");
    }

    /// <summary>Whoever sends sets the deadline: the client has none of its own.</summary>
    public HttpClient Client { get; }

    public void Dispose() => Client.Dispose();
}
