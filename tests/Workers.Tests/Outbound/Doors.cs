using System.Net;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Tests.Outbound;

/// <summary>The door as the product has it, on settings and a resolver of the test's own.</summary>
internal sealed class Doors : IDisposable
{
    private readonly EgressClient _door;

    public Doors(
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

    /// <summary>Opens the networks named and no other.</summary>
    public static Doors Open(params string[] allowed) => new(allowed);

    public void Dispose() => _door.Dispose();
}
