using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// The messages that wait for a phone. Every change of one holds the lock of the feed's row, so that <c>has_mail</c> is true exactly while
/// one of them is unsettled: the append reads that row anyway, and a phone without messages pays nothing.
/// </summary>
public sealed class Outbox(LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, LedgerSignals signals, TimeProvider time)
{
    /// <summary>How many go out in one answer.</summary>
    public const int MostInAnswer = 10;

    /// <summary>Writes a message, and wakes the channels to the phone.</summary>
    /// <param name="feedId">The phone's feed.</param>
    /// <param name="accessVersion">The access version of the feed's row at the caller's authorization: under another one nothing is
    /// written.</param>
    /// <param name="draft">The message.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<WriteOutcome> WriteAsync(long feedId, int accessVersion, MessageDraft draft, CancellationToken cancellationToken)
    {
        var outcome = await writer.WriteAsync(
            context => WriteAsync(context, feedId, accessVersion, draft, cancellationToken), cancellationToken);
        if (outcome is WriteOutcome.Written)
        {
            signals.Raise(new Signal(SignalKind.Messages, feedId));
        }

        return outcome;
    }

    /// <summary>
    /// Returns the messages for an answer, oldest first, including sent ones without an acknowledgement. An app without acknowledgements
    /// counts as having received the messages of its last answers.
    /// </summary>
    /// <param name="feedId">The phone's feed.</param>
    /// <param name="way">The format's name, or one of <see cref="MessageChannel"/>.</param>
    /// <param name="hasAnswersUntil">Messages sent on that channel up to this time are acknowledged by this request; null where the request
    /// says nothing about earlier answers, as a pure repeat does.</param>
    /// <param name="carried">Selects the messages that the answer carries; the others wait.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public Task<IReadOnlyList<Message>> TakeAsync(
        long feedId, string way, DateTimeOffset? hasAnswersUntil, Func<IReadOnlyList<Message>, IReadOnlyList<Message>> carried,
        CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            var now = time.NowAsStored();
            await context.LockFeedRowAsync(feedId, cancellationToken);
            if (hasAnswersUntil is { } until)
            {
                await OutboxRows.SettleAsync(
                    context, feedId, row => row.State == MessageState.Sent && row.Way == way && row.SentAt <= until,
                    MessageState.Acknowledged, now, cancellationToken);
            }

            // All are looked at, since what no answer of this app can carry must not stand before what one can.
            IReadOnlyList<Message> taken = carried(await context.UnsettledMessages(feedId).Where(row => row.ExpiresAt > now)
                .OrderBy(row => row.Id).Take(Message.MostUnsettled).ToListAsync(cancellationToken)).Take(MostInAnswer).ToList();
            foreach (var message in taken)
            {
                message.Send(way, now);
            }

            await context.SaveChangesAsync(cancellationToken);
            return taken;
        },
        cancellationToken,
        WritePriority.Ingest);

    /// <summary>All that are unsettled and have not expired, after that one, the oldest first; nothing is noted.</summary>
    public async Task<IReadOnlyList<Message>> WaitingAsync(long feedId, long after, int most, CancellationToken cancellationToken)
    {
        var now = time.NowAsStored();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.UnsettledMessages(feedId).AsNoTracking().Where(row => row.Id > after && row.ExpiresAt > now)
            .OrderBy(row => row.Id).Take(most).ToListAsync(cancellationToken);
    }

    /// <summary>Those of the feeds for whose phones something waits.</summary>
    public async Task<IReadOnlyList<long>> WithMessagesAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
    {
        var buckets = feedIds.Select(OpaqueId.BucketOf).Distinct().ToArray();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Feeds.Where(feed => buckets.Contains(feed.Bucket) && feedIds.Contains(feed.Id) && feed.HasMail)
            .Select(feed => feed.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Notes that they were sent that way.</summary>
    public Task NoteSentAsync(long feedId, IReadOnlyCollection<long> ids, string way, CancellationToken cancellationToken) =>
        writer.WriteAsync(
        async context =>
        {
            var now = time.NowAsStored();
            await context.LockFeedRowAsync(feedId, cancellationToken);
            await context.UnsettledMessages(feedId).Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(
                set =>
                    set.SetProperty(row => row.State, MessageState.Sent).SetProperty(row => row.Way, way)
                        .SetProperty(row => row.SentAt, now), cancellationToken);
        },
        cancellationToken);

    /// <summary>
    /// The phone has them; returns how many were on their way until now. One that it names again, or that was settled otherwise, stays as
    /// it is.
    /// </summary>
    public Task<int> AcknowledgeAsync(long feedId, IReadOnlyCollection<long> ids, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            await context.LockFeedRowAsync(feedId, cancellationToken);
            return await OutboxRows.SettleAsync(
                context, feedId, row => ids.Contains(row.Id), MessageState.Acknowledged, time.NowAsStored(), cancellationToken);
        },
        cancellationToken);

    /// <summary>
    /// Revokes a message; null where no message has this number, or it belongs to another grant. A settled message does not change.
    /// </summary>
    /// <param name="feedId">The phone's feed.</param>
    /// <param name="id">The message.</param>
    /// <param name="grantId">The grant that must own it; null for the owner, who may revoke any.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public Task<Message?> RevokeAsync(long feedId, long id, long? grantId, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            await context.LockFeedRowAsync(feedId, cancellationToken);
            var message = await context.PendingMessages(feedId)
                .FirstOrDefaultAsync(row => row.Id == id && (grantId == null || row.GrantId == grantId), cancellationToken);
            if (message is { IsUnsettled: true })
            {
                await OutboxRows.SettleAsync(
                    context, feedId, row => row.Id == id, MessageState.Revoked, time.NowAsStored(), cancellationToken);
                await context.Entry(message).ReloadAsync(cancellationToken);
            }

            return message;
        },
        cancellationToken);

    /// <summary>Settles those of a feed whose end has come; returns how many.</summary>
    public Task<int> ExpireAsync(long feedId, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            var now = time.NowAsStored();
            await context.LockFeedRowAsync(feedId, cancellationToken);
            return await OutboxRows.SettleAsync(context, feedId, row => row.ExpiresAt <= now, MessageState.Expired, now, cancellationToken);
        },
        cancellationToken,
        WritePriority.Chore);

    private async Task<WriteOutcome> WriteAsync(
        LedgerContext context, long feedId, int accessVersion, MessageDraft draft, CancellationToken cancellationToken)
    {
        var now = time.NowAsStored();
        if (await context.LockFeedRowAsync(feedId, cancellationToken) != accessVersion)
        {
            return new WriteOutcome.AccessChanged();
        }

        var quota = draft.GrantId == 0 ? null : await QuotaAsync(context, feedId, draft.GrantId, now, cancellationToken);
        if (quota is { IsKept: false })
        {
            return new WriteOutcome.TooMany(quota);
        }

        if (await context.UnsettledMessages(feedId).CountAsync(cancellationToken) >= Message.MostUnsettled)
        {
            return new WriteOutcome.Full();
        }

        var newest = await context.PendingMessages(feedId).MaxAsync(row => (long?)row.Id, cancellationToken);
        var message = draft.Write(feedId, Message.NextId(newest, now), now);
        context.Add(message);
        await context.SaveChangesAsync(cancellationToken);
        var bucket = OpaqueId.BucketOf(feedId);
        await context.Feeds.Where(feed => feed.Bucket == bucket && feed.Id == feedId && !feed.HasMail)
            .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.HasMail, true), cancellationToken);
        // One that waits for its next try goes on waiting.
        await context.PushEndpoints.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.DueAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, now), cancellationToken);
        return new WriteOutcome.Written(message, quota?.AfterOneMore());
    }

    private static async Task<MessageQuota> QuotaAsync(
        LedgerContext context, long feedId, long grantId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - MessageQuota.Hour;
        var first = since.ToUnixTimeMilliseconds();
        var written = await context.PendingMessages(feedId).Where(row => row.Id >= first && row.GrantId == grantId && row.CreatedAt > since)
            .OrderByDescending(row => row.Id).Take(MessageQuota.MostAnHour).Select(row => row.CreatedAt).ToListAsync(cancellationToken);
        return MessageQuota.Of(written, now);
    }
}
