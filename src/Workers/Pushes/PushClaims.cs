using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Pushes;

/// <summary>An endpoint that is this worker's until the lease runs out.</summary>
internal sealed record ClaimedPush(short Bucket, long FeedId, long Id, long LeaseId);

/// <summary>Claims push endpoints: only the holder of an endpoint's lease pushes to it, and only while the lease lasts.</summary>
internal sealed class PushClaims(LedgerWriter writer, TimeProvider time)
{
    /// <summary>Takes up to so many that are due, for the time of a lease.</summary>
    public Task<IReadOnlyList<ClaimedPush>> ClaimAsync(int most, TimeSpan lease, DateTimeOffset now) =>
        writer.WriteAsync<IReadOnlyList<ClaimedPush>>(
        async context =>
        {
            var due = await Due(context, now).OrderBy(row => row.DueAt).Take(most).Select(row => new { row.Bucket, row.FeedId, row.Id })
                .ToListAsync(CancellationToken.None);
            if (due.Count == 0)
            {
                return [];
            }

            // Once more in the statement that takes them: whom another worker has taken meanwhile is not among them.
            var leaseId = Random.Shared.NextInt64(1, long.MaxValue);
            short[] buckets = [.. due.Select(row => row.Bucket).Distinct()];
            long[] feeds = [.. due.Select(row => row.FeedId).Distinct()];
            long[] ids = [.. due.Select(row => row.Id)];
            var chosen = context.PushEndpoints.Where(
                row => buckets.Contains(row.Bucket) && feeds.Contains(row.FeedId) && ids.Contains(row.Id));
            await chosen.Where(row => row.DueAt <= now && (row.LeasedUntil == null || row.LeasedUntil <= now)).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.LeaseId, leaseId).SetProperty(row => row.LeasedUntil, now + lease),
                CancellationToken.None);
            return await chosen.Where(row => row.LeaseId == leaseId)
                .Select(row => new ClaimedPush(row.Bucket, row.FeedId, row.Id, row.LeaseId)).ToListAsync(CancellationToken.None);
        },
        CancellationToken.None);

    /// <summary>
    /// Changes one under its lease, and under the lock of its feed's row, so that a message that is being written is seen or makes it due.
    /// </summary>
    /// <param name="claimed">The endpoint.</param>
    /// <param name="change">Whether there is more to push after a message: for the change to say when it is due.</param>
    public Task ChangeAsync(ClaimedPush claimed, Func<PushEndpoint, Func<long, Task<bool>>, Task> change) => writer.WriteAsync(
        async context =>
        {
            var now = time.GetUtcNow();
            await context.LockFeedRowAsync(claimed.FeedId, CancellationToken.None);
            if (await Mine(context, claimed).FirstOrDefaultAsync(CancellationToken.None) is { } row)
            {
                await change(row, after => context.PendingMessages(claimed.FeedId).AnyAsync(
                    message =>
                        message.Id > after && message.ExpiresAt > now &&
                            (message.State == MessageState.Waiting || message.State == MessageState.Sent), CancellationToken.None));
                await context.SaveChangesAsync(CancellationToken.None);
            }
        },
        CancellationToken.None);

    /// <summary>The push service no longer knows the endpoint, or its address cannot be decrypted.</summary>
    public Task RemoveAsync(ClaimedPush claimed) => writer.WriteAsync(
        context => Mine(context, claimed).ExecuteDeleteAsync(CancellationToken.None), CancellationToken.None);

    public static IQueryable<PushEndpoint> Mine(LedgerContext context, ClaimedPush claimed) => context.PushEndpoints.Where(
        row => row.Bucket == claimed.Bucket && row.FeedId == claimed.FeedId && row.Id == claimed.Id && row.LeaseId == claimed.LeaseId);

    private static IQueryable<PushEndpoint> Due(LedgerContext context, DateTimeOffset now) =>
        context.PushEndpoints.Where(row => row.DueAt != null && row.DueAt <= now && (row.LeasedUntil == null || row.LeasedUntil <= now));
}
