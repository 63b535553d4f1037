using System.Linq.Expressions;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Devices;

/// <summary>Changes an outbox within a transaction of the caller, which holds the lock of the feed's row.</summary>
public static class OutboxRows
{
    public static IQueryable<Message> PendingMessages(this LedgerContext context, long feedId)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        return context.Messages.Where(row => row.Bucket == bucket && row.FeedId == feedId);
    }

    /// <summary>Ends the messages of a grant that has ended or lost the right to reply: unsettled ones are sent no further.</summary>
    public static Task RevokeMessagesAsync(
        this LedgerContext context, long feedId, long grantId, DateTimeOffset now, CancellationToken cancellationToken) =>
        SettleAsync(context, feedId, row => row.GrantId == grantId, MessageState.Revoked, now, cancellationToken);

    /// <summary>Limits the messages of a grant to its end.</summary>
    public static Task EndMessagesAsync(
        this LedgerContext context, long feedId, long grantId, DateTimeOffset until, CancellationToken cancellationToken) =>
        context.UnsettledMessages(feedId).Where(row => row.GrantId == grantId && row.ExpiresAt > until)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, until), cancellationToken);

    internal static IQueryable<Message> UnsettledMessages(this LedgerContext context, long feedId) =>
        context.PendingMessages(feedId).Where(row => row.State == MessageState.Waiting || row.State == MessageState.Sent);

    /// <summary>Returns how many; with the last one the feed has no mail.</summary>
    internal static async Task<int> SettleAsync(
        LedgerContext context, long feedId, Expression<Func<Message, bool>> which, MessageState state, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var settled = await context.UnsettledMessages(feedId).Where(which)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.State, state).SetProperty(row => row.SettledAt, now), cancellationToken);
        if (settled > 0)
        {
            var bucket = OpaqueId.BucketOf(feedId);
            var unsettled = context.UnsettledMessages(feedId);
            await context.Feeds.Where(feed => feed.Bucket == bucket && feed.Id == feedId && feed.HasMail && !unsettled.Any())
                .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.HasMail, false), cancellationToken);
        }

        return settled;
    }
}
