using System.Globalization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Erases the remaining data of deleted feeds, as chores named <c>erase:{feed}</c> request; the feeds' own rows are deleted at once.
/// </summary>
internal sealed class Erasure(IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, WriterQueue turns, TimeProvider time)
{
    public const string Prefix = "erase:";

    private const int Slice = 500;

    /// <summary>Returns how many feeds it has finished.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var wanted = await context.Chores.AsNoTracking().Where(chore => chore.WantedAt != null && chore.Name.StartsWith(Prefix))
            .Select(chore => chore.Name).ToListAsync(cancellationToken);
        foreach (var name in wanted)
        {
            if (Parse(name[Prefix.Length..]) is { } feedId)
            {
                await EraseAsync(feedId, cancellationToken);
            }

            await writer.WriteAsync(
                async writing =>
                {
                    var chore = await writing.Chores.FirstAsync(chore => chore.Name == name, cancellationToken);
                    chore.Finish(time.GetUtcNow());
                    await writing.SaveChangesAsync(cancellationToken);
                },
                cancellationToken,
                WritePriority.Chore);
        }

        // Repeated a little later: callbacks that still had to be informed of the end had a row of their own until then.
        var lately = time.GetUtcNow().AddMinutes(-1);
        if (await context.Chores.AnyAsync(chore => chore.DoneAt > lately && chore.Name.StartsWith(Prefix), cancellationToken))
        {
            await SweepAsync(cancellationToken);
        }

        return wanted.Count;
    }

    // Erased rows remain in older pages of SQLite's write-ahead log, so it is checkpointed and truncated. PostgreSQL reuses the space after
    // a vacuum, which it runs by itself.
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (context.Database.IsNpgsql())
        {
            return;
        }

        // Where a reader holds it up, the next time does.
        using var turn = await turns.TakeAsync(WritePriority.Chore, cancellationToken);
        await context.Database.ExecuteSqlRawAsync(
            "PRAGMA busy_timeout = 100; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 10000;", cancellationToken);
    }

    private async Task EraseAsync(long feedId, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        while (true)
        {
            var removed = await writer.WriteAsync(
                async context =>
                {
                    var last = await context.Updates.Where(update => update.Bucket == bucket && update.FeedId == feedId)
                        .OrderBy(update => update.Seq).Take(Slice).Select(update => (long?)update.Seq).MaxAsync(cancellationToken);
                    return last is null
                        ? 0
                        : await context.Updates.Where(update => update.Bucket == bucket && update.FeedId == feedId && update.Seq <= last)
                            .ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken,
                WritePriority.Chore);
            if (removed == 0)
            {
                break;
            }
        }

        await writer.WriteAsync(
            async context =>
            {
                await context.Attempts.Where(attempt => attempt.Bucket == bucket && attempt.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.ParkedUpdates.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.Notices.Where(row => row.Bucket == bucket && row.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
                await context.RejectedMessages.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.DeviceStatuses.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.Messages.Where(row => row.Bucket == bucket && row.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
                await context.PushEndpoints.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                // Deleted before the presences: a consumer of the feed holds this row while it writes presences.
                await context.FeedConsumers.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.Presences.Where(row => row.Bucket == bucket && row.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
                await context.ThinnedPlaces.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.Receipts.Where(row => row.Bucket == bucket && row.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
                await context.HubRequests.Where(row => row.Bucket == bucket && row.FeedId == feedId).ExecuteDeleteAsync(cancellationToken);
                await context.Subscriptions.Where(row => row.Bucket == bucket && row.FeedId == feedId)
                    .ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken,
            WritePriority.Chore);
    }

    private static long? Parse(string name) =>
        OpaqueId.TryParse(name, out var id)
            ? id
            : long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
