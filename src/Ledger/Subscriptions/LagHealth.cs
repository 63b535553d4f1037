using System.Globalization;
using ActivityHub.Ledger.Start;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Well = no update has waited for longer than <see cref="DeliveryLagOptions.ReadyLag"/>.</summary>
internal sealed class LagHealth(LagWatch watch, IOptions<DeliveryLagOptions> options) : IHealthCheck
{
    public const string Name = "delivery-lag";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var limit = options.Value.ReadyLag;
        return Task.FromResult(limit > TimeSpan.Zero && watch.Last is { } lag && lag.Worst > limit
            ? HealthCheckResult.Unhealthy(string.Create(
                CultureInfo.InvariantCulture,
                $"Deliveries are late: the oldest has waited for {lag.Worst.TotalSeconds:0} s, and the limit is {limit.TotalSeconds:0.#} s (Deliveries:ReadyLag). "
                + $"Express lane {lag.Express.TotalSeconds:0} s, catch-up lane {lag.Behind.TotalSeconds:0} s."))
            : HealthCheckResult.Healthy());
    }
}

/// <summary>For the roles that show how late deliveries are.</summary>
public static class LagRegistration
{
    /// <summary>May be called by several roles of a process.</summary>
    /// <param name="services">The process's.</param>
    /// <param name="decidesReadiness">
    /// True where this process delivers. One that only takes updates or requests goes on with that, however late others deliver them.
    /// </param>
    public static IServiceCollection AddDeliveryLag(this IServiceCollection services, bool decidesReadiness)
    {
        if (!services.Any(service => service.ServiceType == typeof(LagWatch)))
        {
            services.AddOptions<DeliveryLagOptions>().BindConfiguration(DeliveryLagOptions.Section).ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DeliveryLagOptions>, DeliveryLagOptionsValidator>());
            services.AddSingleton<DeliveryLags>().AddSingleton<LagWatch>().AddHostedService(provider => provider.GetRequiredService<LagWatch>());
            services.AddHealthChecks().AddCheck<LagHealth>(LagHealth.Name);
        }

        if (decidesReadiness)
        {
            services.Configure<HealthCheckServiceOptions>(
                options => options.Registrations.Single(check => check.Name == LagHealth.Name).Tags.Add(LedgerHealthEndpoints.Ready));
        }

        return services;
    }
}
