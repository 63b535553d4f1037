using ActivityHub.Ledger.Start;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Subscriptions;

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
            services.AddSingleton<DeliveryLags>().AddSingleton<LagWatch>()
                .AddHostedService(provider => provider.GetRequiredService<LagWatch>());
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
