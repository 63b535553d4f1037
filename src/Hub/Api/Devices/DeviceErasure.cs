using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>
/// Removes a device and its feed. The feed's row and everything that can be read, written or delivered go at once; the log itself, which
/// may be long, is removed in slices by the chore <c>erase:{feed}</c>.
/// </summary>
internal static class DeviceErasure
{
    private const string Reason = "The feed was removed by its owner.";

    /// <summary>Erases a device and signals the processes that serve or deliver its feed. False where there is no such device.</summary>
    /// <param name="writer">Runs the transaction.</param>
    /// <param name="signals">Raised afterwards.</param>
    /// <param name="which">The device.</param>
    /// <param name="now">The time of the erasure.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<bool> EraseAsync(
        LedgerWriter writer, LedgerSignals signals, Func<LedgerContext, IQueryable<Device>> which, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var feedId = await writer.WriteAsync(
            async context =>
            {
                if (await which(context).FirstOrDefaultAsync(cancellationToken) is not { } device)
                {
                    return (long?)null;
                }

                await EraseAsync(context, device, now, cancellationToken);
                return device.FeedId;
            },
            cancellationToken);
        if (feedId is { } gone)
        {
            signals.RaiseAccess(gone);
        }

        return feedId is not null;
    }

    private static async Task EraseAsync(LedgerContext context, Device device, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var feedId = device.FeedId;
        var bucket = OpaqueId.BucketOf(feedId);
        await context.RaiseAccessVersionAsync(feedId, cancellationToken);
        await Denial.OfFeedAsync(context, feedId, Reason, now, cancellationToken);
        await context.Cursors.Where(cursor => cursor.Bucket == bucket && cursor.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
        await context.ParkedUpdates.Where(parked => parked.Bucket == bucket && parked.FeedId == feedId)
            .ExecuteDeleteAsync(cancellationToken);
        await context.Notices.Where(notice => notice.Bucket == bucket && notice.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
        await context.FeedShards.Where(shard => shard.Bucket == bucket && shard.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
        await context.Grants.Where(grant => grant.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
        await context.FeedById(feedId).ExecuteDeleteAsync(cancellationToken);
        context.Remove(device);
        context.Add(Chore.Want($"erase:{OpaqueId.Format(feedId)}", now));
        await context.SaveChangesAsync(cancellationToken);
    }
}
