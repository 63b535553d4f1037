using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ActivityHub.Telemetry;

/// <summary>
/// Exposes the hub to operators: metrics for scrapers, and OpenTelemetry export where its usual variables name a receiver.
/// </summary>
public static class TelemetryRegistration
{
    // What the rooms of the house tell of themselves; the names of their sources and meters begin alike.
    private const string Ours = "ActivityHub.*";

    // The framework's own, as far as they name no callback's host: those of outbound requests do.
    private static readonly string[] Frameworks =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime"];

    /// <param name="builder">Called before the roles are added: what listens is started before what speaks.</param>
    /// <param name="service">Under which name the process exports, unless <c>OTEL_SERVICE_NAME</c> gives another.</param>
    public static TBuilder AddTelemetry<TBuilder>(this TBuilder builder, string service)
        where TBuilder : IHostApplicationBuilder
    {
        var export = ExportSettings.Read(builder.Configuration);
        if (export.IsOff)
        {
            return builder;
        }

        var version =
            typeof(TelemetryRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
                '+')[0];
        var telemetry = builder.Services.AddOpenTelemetry()
            // The environment comes last: its word is the operator's.
            .ConfigureResource(resource => resource.AddService(service, serviceVersion: version).AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter([Ours, .. Frameworks]).AddPrometheusExporter();
                if (export.Metrics)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (export.Traces)
        {
            // Without a receiver there is no listener, and no request pays for a span.
            telemetry.WithTracing(tracing => tracing.AddSource(Ours)
                .AddAspNetCoreInstrumentation(server => server.Filter = context => !IsOperators(context.Request.Path))
                .AddProcessor(new SpanScrubber())
                .AddOtlpExporter());
        }

        builder.Services.AddSingleton<ScrapingEndpoint>();
        return builder;
    }

    /// <summary>
    /// <c>/metrics</c>: the figures of this process as Prometheus reads them. They name no feed, no person and no callback.
    /// </summary>
    public static void MapTelemetry(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<ScrapingEndpoint>() is not null)
        {
            routes.MapPrometheusScrapingEndpoint("/metrics").DisableHttpMetrics();
        }
    }

    // Polled every few seconds by machines: their spans would hide the others.
    private static bool IsOperators(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");

    /// <summary>Says that there is something to scrape.</summary>
    private sealed class ScrapingEndpoint;
}
