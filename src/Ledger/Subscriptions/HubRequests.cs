using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The queries on requests that several classes need; each runs in a transaction that writes.</summary>
public static class HubRequests
{
    public static IQueryable<HubRequest> RequestsOf(this LedgerContext context, long feedId, byte[] identity)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        return context.HubRequests.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity);
    }

    /// <summary>
    /// Returns the request of a verification; null if it was deleted already, or if the verification is a denial, which has no request.
    /// </summary>
    public static Task<HubRequest?> RequestOfAsync(this LedgerContext context, Verification verification) =>
        context.HubRequests.FirstOrDefaultAsync(
        row => row.Bucket == verification.Bucket && row.FeedId == verification.FeedId && row.Id == verification.Id);

    /// <summary>Ends the given requests that are still waiting.</summary>
    public static Task<int> EndAsync(
        this IQueryable<HubRequest> requests, RequestState state, string reason, DateTimeOffset now, CancellationToken cancellationToken) =>
        requests.Where(row => row.State == RequestState.Waiting).ExecuteUpdateAsync(
            set =>
                set.SetProperty(row => row.State, state).SetProperty(row => row.Reason, reason)
                    .SetProperty(row => row.NextAt, (DateTimeOffset?)null)
                    .SetProperty(row => row.EndedAt, now),
            cancellationToken);

    /// <summary>
    /// Deletes the oldest requests above the limit: confirmed requests of the subscription, or unsuccessful requests of the feed.
    /// </summary>
    public static async Task ForgetOldestAsync(this LedgerContext context, HubRequest ended, CancellationToken cancellationToken)
    {
        var (bucket, feedId) = (ended.Bucket, ended.FeedId);
        var (alike, most) = ended.State == RequestState.Confirmed
            ? (context.RequestsOf(feedId, ended.Identity).Where(row => row.State == RequestState.Confirmed), HubRequest.MostConfirmed)
            : (context.HubRequests.Where(
                row => row.Bucket == bucket && row.FeedId == feedId && row.State != RequestState.Confirmed && row.EndedAt != null),
                HubRequest.MostFailed);
        if (await alike.OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Id).Skip(most - 1)
            .Select(row => (DateTimeOffset?)row.CreatedAt)
            .FirstOrDefaultAsync(cancellationToken) is { } oldest)
        {
            await alike.Where(row => row.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
