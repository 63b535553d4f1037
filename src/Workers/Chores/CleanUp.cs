using System.Linq.Expressions;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Removes expired rows: attempts, notices, receipts, rejected messages, messages to phones, requests to subscribe, ended subscriptions
/// with their parked updates, and finished chores.
/// </summary>
internal sealed class CleanUp(LedgerWriter writer, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int Slice = 1000;
    private const int RequestDays = 90;

    /// <summary>Returns how many rows it removed.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var attemptsBefore = now.AddDays(-options.Value.AttemptDays);
        var endedBefore = now.AddDays(-options.Value.EndedSubscriptionDays);
        var receiptsBefore = now.AddDays(-options.Value.ReceiptDays);
        var rejectedBefore = now.AddDays(-options.Value.RejectedDays);
        var messagesBefore = now.AddDays(-options.Value.MessageDays);
        var noticesBefore = now.AddDays(-options.Value.NoticeDays);
        return await RepeatAsync(
                async context =>
                {
                    // By time, which is indexed: the slice ends with the thousandth oldest.
                    var last = await context.Attempts.Where(row => row.At < attemptsBefore).OrderBy(row => row.At).Take(Slice)
                        .Select(row => (DateTimeOffset?)row.At).MaxAsync(cancellationToken);
                    return last is null ? 0 : await context.Attempts.Where(row => row.At <= last).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken)
            + await RepeatAsync(
                context => context.Subscriptions.Where(row => context.Set<Subscription>()
                    .Where(
                        old => old.State != SubscriptionState.Active && old.State != SubscriptionState.Pending && old.EndedAt < endedBefore)
                    .OrderBy(old => old.EndedAt).Take(Slice).Select(old => old.Id).Contains(row.Id))
                        .ExecuteDeleteAsync(cancellationToken), cancellationToken)
            + await RepeatAsync(
                async context =>
                {
                    var last = await context.Notices.Where(row => row.At < noticesBefore).OrderBy(row => row.At).Take(Slice)
                        .Select(row => (DateTimeOffset?)row.At).MaxAsync(cancellationToken);
                    return last is null ? 0 : await context.Notices.Where(row => row.At <= last).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken)
            + await RepeatAsync(
                async context =>
                {
                    var last = await context.Receipts.Where(row => row.Hour < receiptsBefore).OrderBy(row => row.Hour).Take(Slice)
                        .Select(row => (DateTimeOffset?)row.Hour).MaxAsync(cancellationToken);
                    return last is null ? 0 : await context.Receipts.Where(row => row.Hour <= last).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken)
            + await RepeatAsync(
                async context =>
                {
                    var last = await context.RejectedMessages.Where(row => row.ReceivedAt < rejectedBefore).OrderBy(row => row.ReceivedAt)
                        .Take(Slice)
                        .Select(row => (DateTimeOffset?)row.ReceivedAt).MaxAsync(cancellationToken);
                    return last is null
                        ? 0
                        : await context.RejectedMessages.Where(row => row.ReceivedAt <= last).ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken)
            + await RepeatAsync(
                async context =>
                {
                    // Selected by their end, which is indexed. A row that is unsettled so long after it waits for the chore that settles
                    // it.
                    var last = await context.Messages.Where(row => row.ExpiresAt < messagesBefore).OrderBy(row => row.ExpiresAt).Take(Slice)
                        .Select(row => (DateTimeOffset?)row.ExpiresAt).MaxAsync(cancellationToken);
                    return last is null ? 0 : await context.Messages
                        .Where(row => row.ExpiresAt <= last && row.State != MessageState.Waiting && row.State != MessageState.Sent)
                            .ExecuteDeleteAsync(cancellationToken);
                },
                cancellationToken)
            + await RepeatAsync(
                context =>
                    RemoveRequestsAsync(
                        context, now.AddDays(-1), row => row.State != RequestState.Confirmed && row.EndedAt != null,
                        cancellationToken), cancellationToken)
            // A lease lasts 30 days at most: a later request has replaced an older confirmation, and a request that still waits then will
            // never be confirmed.
            + await RepeatAsync(
                context => RemoveRequestsAsync(context, now.AddDays(-RequestDays), row => true, cancellationToken), cancellationToken)
            + await RepeatAsync(context => RemoveOrphansAsync(context, cancellationToken), cancellationToken)
            + await RepeatAsync(
                context =>
                    context.Chores.Where(row => row.WantedAt == null && row.DoneAt < endedBefore)
                        .ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    private static async Task<int> RemoveRequestsAsync(
        LedgerContext context, DateTimeOffset before, Expression<Func<HubRequest, bool>> which, CancellationToken cancellationToken)
    {
        var old = context.HubRequests.Where(row => row.CreatedAt < before).Where(which);
        var last = await old.OrderBy(row => row.CreatedAt).Take(Slice).Select(row => (DateTimeOffset?)row.CreatedAt)
            .MaxAsync(cancellationToken);
        return last is null ? 0 : await old.Where(row => row.CreatedAt <= last).ExecuteDeleteAsync(cancellationToken);
    }

    // They go with their subscription; this is for one that was parked while it ended.
    private static async Task<int> RemoveOrphansAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        var orphans = await context.ParkedUpdates
            .Where(row => !context.Set<DeliveryCursor>().Any(
                cursor => cursor.Bucket == row.Bucket && cursor.FeedId == row.FeedId && cursor.SubscriptionId == row.SubscriptionId))
            .OrderBy(row => row.Bucket).ThenBy(row => row.FeedId).ThenBy(row => row.SubscriptionId).ThenBy(row => row.Seq).Take(Slice)
            .Select(row => new { row.Bucket, row.FeedId, row.SubscriptionId, row.Seq }).ToListAsync(cancellationToken);
        var removed = 0;
        foreach (var group in orphans.GroupBy(row => (row.Bucket, row.FeedId, row.SubscriptionId)))
        {
            var ((bucket, feedId, id), last) = (group.Key, group.Max(row => row.Seq));
            removed += await context.ParkedUpdates
                .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.SubscriptionId == id && row.Seq <= last)
                .ExecuteDeleteAsync(cancellationToken);
        }

        return removed;
    }

    private async Task<int> RepeatAsync(Func<LedgerContext, Task<int>> remove, CancellationToken cancellationToken)
    {
        var all = 0;
        while (true)
        {
            var removed = await writer.WriteAsync(remove, cancellationToken, WritePriority.Chore);
            all += removed;
            if (removed < Slice)
            {
                return all;
            }
        }
    }
}
