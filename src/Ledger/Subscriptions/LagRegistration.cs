using ActivityHub.Ledger.Start;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Registers the delivery lag for the roles that report it.</summary>
public static class LagRegistration
{
    /// <summary>Adds the services. Several roles of a process may call it.</summary>
    /// <param name="services">The process's services.</param>
    /// <param name="decidesReadiness">
    /// True if this process delivers. A process that only takes updates or requests stays ready, however late other processes deliver.
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
