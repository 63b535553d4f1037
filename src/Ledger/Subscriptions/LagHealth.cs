using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Healthy = no update has waited for longer than <see cref="DeliveryLagOptions.ReadyLag"/>.</summary>
internal sealed class LagHealth(LagWatch watch, IOptions<DeliveryLagOptions> options) : IHealthCheck
{
    public const string Name = "delivery-lag";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var limit = options.Value.ReadyLag;
        return Task.FromResult(limit > TimeSpan.Zero && watch.Last is { } lag && lag.Worst > limit
            ? HealthCheckResult.Unhealthy(string.Create(
                CultureInfo.InvariantCulture,
                $"Deliveries are late: the oldest has waited for {lag.Worst.TotalSeconds:0} s, and the limit "
                + $"is {limit.TotalSeconds:0.#} s (Deliveries:ReadyLag). "
                + $"Express lane {lag.Express.TotalSeconds:0} s, catch-up lane {lag.Behind.TotalSeconds:0} s."))
            : HealthCheckResult.Healthy());
    }
}
