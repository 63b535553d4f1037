using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Deliveries;

/// <summary>
/// Ends subscriptions: the row keeps the state, the cursor and the parked updates are deleted, and the callback gets a denial where there
/// is a reason. If the subscription ended without the owner, the owner gets a notice in the same transaction.
/// </summary>
internal sealed partial class SubscriptionEnds(
    LedgerWriter writer, LedgerSignals signals, TimeProvider time, ILogger<SubscriptionEnds> logger)
{
    /// <summary>The reason for a subscription whose grant has ended, was revoked or lacks the right to subscribe.</summary>
    public const string AccessHasEnded = "The access to this feed has ended.";

    /// <summary>Ends a subscription; returns false where it had ended already.</summary>
    /// <param name="feedId">Its feed.</param>
    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="state">The state that it ends in.</param>
    /// <param name="reason">Sent to the callback as <c>hub.reason</c> of a denial (WebSub §5.2); null = no denial is sent.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="applied">Only if the request applied last is still this one: a renewal meanwhile keeps it alive.</param>
    public async Task<bool> EndAsync(
        long feedId, long subscriptionId, SubscriptionState state, string? reason, CancellationToken cancellationToken,
        long? applied = null)
    {
        var now = time.GetUtcNow();
        var ended = await writer.WriteAsync(
            async context =>
            {
                // A renewal that is confirmed at this moment either waits for this lock or has been applied.
                await context.LockFeedAsync(feedId, cancellationToken);
                var bucket = OpaqueId.BucketOf(feedId);
                var row = await context.Subscriptions.FirstOrDefaultAsync(
                    row => row.Bucket == bucket && row.FeedId == feedId && row.Id == subscriptionId, cancellationToken);
                if (row is null || row.State != SubscriptionState.Active || (applied is not null && row.AppliedRequest != applied))
                {
                    return false;
                }

                if (reason is not null && !row.IsWebhook)
                {
                    context.Verifications.Add(Denial(row, reason, now));
                }

                row.End(state, now);
                await context.Cursors.Where(
                    cursor => cursor.Bucket == bucket && cursor.FeedId == feedId && cursor.SubscriptionId == subscriptionId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.ParkedUpdates.Where(
                    parked => parked.Bucket == bucket && parked.FeedId == feedId && parked.SubscriptionId == subscriptionId)
                    .ExecuteDeleteAsync(cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                if (row.State is SubscriptionState.Gone or SubscriptionState.Expired or SubscriptionState.Broken)
                {
                    await NotifyOwnerAsync(context, row, NoticeKind.Ended, now, cancellationToken);
                }

                return true;
            },
            cancellationToken);
        if (ended)
        {
            Log.Ended(logger, OpaqueId.Format(subscriptionId), state);
            signals.Raise(new Signal(SignalKind.Subscriptions, feedId));
            if (reason is not null)
            {
                signals.Raise(new Signal(SignalKind.Verifications, feedId));
            }
        }

        return ended;
    }

    /// <summary>Writes a notice about a subscription to the feed's owner; call it in a transaction.</summary>
    public static async Task NotifyOwnerAsync(
        LedgerContext context, Subscription row, NoticeKind kind, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var owner = await context.Feeds.Where(feed => feed.Bucket == row.Bucket && feed.Id == row.FeedId)
            .Select(feed => (long?)feed.AccountId)
            .FirstOrDefaultAsync(cancellationToken);
        if (owner is { } accountId)
        {
            await context.TryAddAsync(
                new Notice
                {
                    Bucket = row.Bucket,
                    FeedId = row.FeedId,
                    SubscriptionId = row.Id,
                    Kind = kind,
                    About = now,
                    Id = Guid.CreateVersion7(now),
                    AccountId = accountId,
                    At = now,
                },
                cancellationToken);
        }
    }

    private static Verification Denial(Subscription row, string reason, DateTimeOffset now)
    {
        var terms = new SubscriptionTerms { Format = row.Format, Kinds = row.Kinds, GrantId = row.GrantId, Topic = row.Topic };
        // The denial has a number of its own, so that it makes no request void.
        var denial = Verification.Of(VerificationMode.Denied, row.FeedId, row.Identity, -OpaqueId.New(), row.Callback, terms, now);
        denial.Because(reason);
        return denial;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Subscription {Subscription} ended: {State}")]
        public static partial void Ended(ILogger logger, string subscription, SubscriptionState state);
    }
}
