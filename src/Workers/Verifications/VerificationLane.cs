using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Verifications;

/// <summary>Claims requests that their callback has yet to confirm, and denials that it has yet to hear.</summary>
internal sealed class VerificationLane(
    IDeliveryLedger deliveries, LedgerSignals signals, Verifier verifier, IOptions<DeliveryOptions> options, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<VerificationLane> logger)
    : ClaimingLane<(long FeedId, long Id, long LeaseId)>(SignalKind.Verifications, AtOnce, signals, lifetime, logger)
{
    private const int AtOnce = 256;

    protected override async Task<IReadOnlyList<(long FeedId, long Id, long LeaseId)>> ClaimAsync(int most) =>
        await deliveries.ClaimVerificationsAsync(most, options.Value.Lease, time.GetUtcNow(), CancellationToken.None);

    protected override Task RunAsync((long FeedId, long Id, long LeaseId) claimed) =>
        verifier.VerifyAsync(claimed.FeedId, claimed.Id, claimed.LeaseId);

    protected override string NameOf((long FeedId, long Id, long LeaseId) claimed) => "Verification " + OpaqueId.Format(claimed.Id);
}
