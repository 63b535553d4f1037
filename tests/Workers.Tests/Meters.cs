using System.Diagnostics.Metrics;
using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.Workers.Tests;

/// <summary>What counts for tests that ask no figure.</summary>
internal static class Meters
{
    public static DeliveryMetrics Deliveries { get; } = new(
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
}
