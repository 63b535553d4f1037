using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Connections;

/// <summary>Limits the connections of the process before a request is read; the same for all three programs.</summary>
public static class ConnectionRegistration
{
    /// <summary>
    /// The maximum body of any request, well above the largest body that a route accepts. Each route checks its own limit and answers 413
    /// with its own text. The server then reads and discards the rest for up to five seconds, so that a client that is still sending can
    /// read the answer. Above this limit the server closes the connection, and only a client that sends <c>Expect: 100-continue</c> is sure
    /// to read the reason.
    /// </summary>
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(15);

    // A phone at the edge of its cell sends 100 bytes a second with pauses, which this allows. Slower requests are ended.
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 50, gracePeriod: TimeSpan.FromSeconds(15));

    /// <summary>Adds the limits. Every role may call it; later calls do nothing.</summary>
    public static TBuilder AddConnectionLimits<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(ConnectionSeats)))
        {
            return builder;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ConnectionOptions>().BindConfiguration(ConnectionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        var proxies = TrustedProxies.Read(builder.Configuration);
        services.Configure<ForwardedHeadersOptions>(proxies.Apply);
        services.AddSingleton(provider => new ConnectionSeats(
            ConnectionRoom.Of(ConnectionRoom.ReadOpenFiles(), provider.GetRequiredService<IOptions<ConnectionOptions>>().Value), proxies,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConnectionSeats>>()));
        services.AddOptions<KestrelServerOptions>().Configure(Limit);
        // Kestrel uses the transport that was registered last among the transports that can bind to the endpoint.
        services.AddSingleton<IConnectionListenerFactory, SeatedTransport>();
        services.AddTransient<IStartupFilter, BodyDeadline>();
        services.AddHostedService<ConnectionNotice>();
        return builder;
    }

    /// <summary>
    /// Applies forwarded headers. It must be first in the pipeline; it does nothing unless <c>Hub:TrustedProxies</c> names a proxy.
    /// </summary>
    public static void UseTrustedProxies(this IApplicationBuilder app) => app.UseForwardedHeaders();

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
        // Applies to every endpoint, from --urls or from the section Kestrel. It runs before TLS and HTTP.
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => ServeAsync(connection, next)));
    }

    // The transport has taken the seat. It is released when all work for the connection has ended.
    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var seat = connection.Features.GetRequiredFeature<IConnectionSeat>();
        await next(connection);
    }
}
