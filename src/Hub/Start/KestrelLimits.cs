using Microsoft.AspNetCore.HttpOverrides;

namespace ActivityHub.Hub.Start;

/// <summary>What the server takes, and whom it believes.</summary>
internal static class KestrelLimits
{
    /// <summary>
    /// Well above the largest body that a route takes: each counts for itself and answers 413 in its own words. The server then reads the rest
    /// and throws it away, for five seconds at most, so that a client that is still sending reads the answer. Above this it cuts the connection,
    /// and only a client that asks first (<c>Expect: 100-continue</c>) is sure to read why.
    /// </summary>
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    private const string TrustedProxies = "Hub:TrustedProxies";

    public static void AddKestrelLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        var networks = DefaultSettings.ReadNetworks(builder.Configuration, TrustedProxies);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            // Loopback is trusted by default; here nobody is who was not named.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks)
            {
                options.KnownIPNetworks.Add(network);
            }

            options.ForwardedHeaders = networks.Count == 0 ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        });
    }

    /// <summary>First in the pipeline; does nothing unless <c>Hub:TrustedProxies</c> names somebody.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app) => app.UseForwardedHeaders();
}
