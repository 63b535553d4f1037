using ActivityHub.Workers.Deliveries;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// The one door through which requests leave. It screens every address that a name resolves to when it connects, follows no redirect, keeps
/// no cookie, and uses no proxy. One connection pool for the process.
/// </summary>
internal sealed class GuardedDoor : IDisposable
{
    // A name is resolved when a connection is made: with this, a change of DNS is seen, and screened, within minutes.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(3);

    public GuardedDoor(IOptions<OutboundOptions> outbound, IOptions<DeliveryOptions> delivery)
    {
        var policy = new AntiSSRFPolicy(PolicyConfigOptions.ExternalOnlyLatest)
        {
            AddXFFHeader = false,
            AllowPlainTextHttp = true,
        };
        // IPv4 within IPv6 as RFC 4291 has given up: no public host is there.
        policy.AddDeniedAddresses(["::/96"]);
        if (outbound.Value.AllowedCallbackNetworks.Count > 0)
        {
            policy.AddAllowedAddresses([.. outbound.Value.AllowedCallbackNetworks]);
        }

        var handler = policy.GetHandler();
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectTimeout = delivery.Value.ConnectTimeout;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        handler.MaxResponseHeadersLength = 16;
        handler.ResponseDrainTimeout = TimeSpan.FromSeconds(1);
        Client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        Client.DefaultRequestHeaders.UserAgent.ParseAdd("ActivityHub/0.1");
    }

    /// <summary>Whoever sends sets the deadline: the client has none of its own.</summary>
    public HttpClient Client { get; }

    /// <summary>Whether the guard refused the address, rather than the network the connection.</summary>
    public static bool Refused(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            // 0.0.0.0 and :: mean this host; the resolver will not have them as a target before the guard is asked.
            if (current is AntiSSRFException or ArgumentException { ParamName: "hostName" })
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => Client.Dispose();
}
