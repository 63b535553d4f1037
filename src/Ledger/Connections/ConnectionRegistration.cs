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

/// <summary>Bounds on what is connected to the process, before anything is read from it: the same for all three programs.</summary>
public static class ConnectionRegistration
{
    /// <summary>
    /// Well above the largest body that a route takes: each counts for itself and answers 413 in its own words. The server then reads the rest
    /// and throws it away, for five seconds at most, so that a client that is still sending reads the answer. Above this it cuts the connection,
    /// and only a client that asks first (<c>Expect: 100-continue</c>) is sure to read why.
    /// </summary>
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(15);

    // A phone at the edge of its cell sends 100 bytes a second, and pauses: it gets through. What trickles, and what is large and slow, ends.
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 50, gracePeriod: TimeSpan.FromSeconds(15));

    /// <summary>May be called by every role.</summary>
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
        // Kestrel takes the transport that was added last of those that can listen there.
        services.AddSingleton<IConnectionListenerFactory, SeatedTransport>();
        services.AddTransient<IStartupFilter, BodyDeadline>();
        services.AddHostedService<ConnectionNotice>();
        return builder;
    }

    /// <summary>First in the pipeline; does nothing unless <c>Hub:TrustedProxies</c> names somebody.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app) => app.UseForwardedHeaders();

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
        // Of every endpoint, whether --urls or the section Kestrel makes it; TLS and HTTP come after it.
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => ServeAsync(connection, next)));
    }

    // The transport has taken the seat; it is free again once nothing works for the connection any more.
    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var seat = connection.Features.GetRequiredFeature<IConnectionSeat>();
        await next(connection);
    }
}
