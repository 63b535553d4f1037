using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Pushes;

/// <summary>Claims push endpoints for which messages wait, and pushes to many of them at once.</summary>
internal sealed class PushLane(
    PushClaims claims, Pusher pusher, LedgerSignals signals, IOptions<DeliveryOptions> options, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<PushLane> logger)
    : ClaimingLane<ClaimedPush>(SignalKind.Messages, AtOnce, signals, lifetime, logger)
{
    private const int AtOnce = 128;

    // As many posts as go in one lease may each take their whole deadline.
    private const int LeaseFactor = 4;

    protected override Task<IReadOnlyList<ClaimedPush>> ClaimAsync(int most) =>
        claims.ClaimAsync(most, options.Value.Lease * LeaseFactor, time.GetUtcNow());

    protected override Task RunAsync(ClaimedPush claimed) => pusher.PushAsync(claimed);

    protected override string NameOf(ClaimedPush claimed) => "Push endpoint " + OpaqueId.Format(claimed.Id);
}
