using System.Diagnostics.Metrics;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Verifications;

/// <summary>What an operator sees of the questions to callbacks.</summary>
internal sealed class VerificationMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _asked = meters.Create(DeliveryMetrics.MeterName)
        .CreateCounter<long>("hub.verifications", "{request}", "Verifications of requests with callbacks, by mode and by result");

    public void Asked(VerificationMode mode, string verdict) => _asked.Add(
        1, new KeyValuePair<string, object?>("mode", WorkerSpans.Spelled(mode)), new KeyValuePair<string, object?>("verdict", verdict));
}
