using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Corrects due times that a fast clock has left behind. Due times are written by the application's clock: after it is set right, work due
/// "at once" would wait for hours. No wait is longer than the longest backoff, except a view's delay, and that one is only checked too
/// early.
/// </summary>
internal sealed class DueTimes(LedgerWriter writer, IOptions<DeliveryOptions> options, TimeProvider time)
{
    // The jitter of the longest backoff, and what two processes' clocks may differ by.
    private const double Jitter = 1.2;
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>Returns how many subscriptions and verifications are due again.</summary>
    public Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var longest = TimeSpan.FromTicks(Math.Max(options.Value.BackoffCap.Ticks, Suspension.TryEvery.Ticks)) * Jitter;
        var beyond = now + longest + Tolerance;
        return writer.WriteAsync(
            async context =>
                // Queue by queue, as they are indexed.
                await context.Cursors
                    .Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures == 0 && cursor.DueAt > beyond && cursor.LeaseId == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.DueAt, now), cancellationToken)
                + await context.Cursors
                    .Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0 && cursor.DueAt > beyond && cursor.LeaseId == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.DueAt, now), cancellationToken)
                + await context.Verifications.Where(row => row.DueAt > beyond && row.LeaseId == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now), cancellationToken),
            cancellationToken,
            WritePriority.Chore);
    }
}
