using System.Diagnostics.Metrics;
using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.Workers.Tests;

/// <summary>Metrics for tests that do not check figures.</summary>
internal static class Meters
{
    public static DeliveryMetrics Deliveries { get; } = new(
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
}
