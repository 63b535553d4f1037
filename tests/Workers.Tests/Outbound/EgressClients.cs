using System.Net;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Tests.Outbound;

/// <summary>The product's egress client, with the test's own settings and resolver.</summary>
internal sealed class EgressClients : IDisposable
{
    private readonly EgressClient _door;

    public EgressClients(
        IEnumerable<string> allowed, Resolve? resolve = null, TimeSpan? timeout = null, TimeSpan? lifetime = null,
        VerificationOptions? verifications = null)
    {
        var delivery = Options.Create(new DeliveryOptions { Timeout = timeout ?? TimeSpan.FromSeconds(5) });
        var outbound = new OutboundOptions { AllowedCallbackNetworks = [.. allowed] };
        outbound.ConnectionLifetime = lifetime ?? outbound.ConnectionLifetime;
        Pace = new UnverifiedCallbackThrottle(Options.Create(verifications ?? new VerificationOptions()), TimeProvider.System);
        _door = new EgressClient(
            Options.Create(outbound), delivery, resolve ?? Dns.GetHostAddressesAsync, Pace,
            new RefusalLog(TimeProvider.System, NullLogger<RefusalLog>.Instance));
        Client = new CallbackClient(_door, delivery);
    }

    public CallbackClient Client { get; }

    public UnverifiedCallbackThrottle Pace { get; }

    /// <summary>Allows only the given networks.</summary>
    public static EgressClients Open(params string[] allowed) => new(allowed);

    public void Dispose() => _door.Dispose();
}
