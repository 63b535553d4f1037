using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// Returns when phones last sent a message, in any way. The log has the time of each update; a message without an update (a repeat, a
/// merged place, a message that could not be read) is recorded by the <see cref="LastSeenRecorder"/>. So an append pays nothing for it.
/// </summary>
public static class LastHeard
{
    /// <summary>The receipt of the newest update that a phone sent to each feed; a feed without one is left out.</summary>
    public static async Task<Dictionary<long, DateTimeOffset>> LastReceivedAsync(
        this LedgerContext context, IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        // What the hub itself writes (withdrawals, entering and leaving places) is not the phone.
        var found = await context.Feeds.AsNoTracking().Where(feed => feedIds.Contains(feed.Id)).Select(feed => new
        {
            feed.Id,
            At = context.Set<FeedUpdate>()
                .Where(row => row.Bucket == feed.Bucket && row.FeedId == feed.Id && row.Withdraws == null
                    && (row.ClientId == null || !row.ClientId.StartsWith(PlaceEvent.IdPrefix)))
                .OrderByDescending(row => row.Seq).Select(row => (DateTimeOffset?)row.Received).FirstOrDefault(),
        }).ToListAsync(cancellationToken);
        return found.Where(row => row.At is not null).ToDictionary(row => row.Id, row => row.At!.Value);
    }

    /// <summary>The later of the two; null where the phone was never heard of.</summary>
    public static DateTimeOffset? Of(DeviceStatus? sighting, DateTimeOffset? lastReceived) =>
        sighting is { } seen && !(lastReceived > seen.LastSeenAt) ? seen.LastSeenAt : lastReceived;
}
