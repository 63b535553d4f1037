using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Workers.Verifications;

/// <summary>
/// Applies a request whose callback has echoed the challenge or accepted the test delivery. It is applied in one transaction, or not at all
/// where a newer request was applied first.
/// </summary>
internal static class ConfirmedRequest
{
    private const string Overtaken = "A later request for the same subscription was confirmed first.";

    /// <summary>Applies the request; returns false where it was void, because a newer one was applied or the feed is gone.</summary>
    /// <param name="context">A context in a transaction.</param>
    /// <param name="verification">The request.</param>
    /// <param name="status">The status of the callback's answer.</param>
    /// <param name="secrets">Decrypts the secrets, to see whether a renewal has another one.</param>
    /// <param name="askedAt">The time of the GET: the lease counts from it.</param>
    /// <param name="onTheWire">How long a POST may still be on its way when a subscription is put to another place in the log.</param>
    /// <param name="now">The time.</param>
    public static async Task<bool> ApplyAsync(
        LedgerContext context, Verification verification, short? status, SecretBox secrets, DateTimeOffset askedAt, TimeSpan onTheWire,
        DateTimeOffset now)
    {
        // Locks the feed's row first: a concurrent append either sees the shard that is made here, or is part of the head that is read
        // here.
        if (await context.LockFeedAsync(verification.FeedId, CancellationToken.None) is not { } head)
        {
            return false;
        }

        var taken = await context.Verifications.Where(
            row =>
                row.Bucket == verification.Bucket && row.FeedId == verification.FeedId && row.Id == verification.Id &&
                    row.LeaseId == verification.LeaseId)
            .ExecuteDeleteAsync();
        var subscription = await context.Subscriptions.FirstOrDefaultAsync(
            row => row.Bucket == verification.Bucket && row.FeedId == verification.FeedId && row.Identity == verification.Identity);
        var request = taken == 0 ? null : await context.RequestOfAsync(verification);
        request?.Ask(askedAt, status);
        if (taken == 0 || verification.Number <= (subscription?.AppliedRequest ?? 0))
        {
            request?.End(RequestState.Overtaken, Overtaken, null, now);
            await context.SaveChangesAsync();
            return false;
        }

        // Earlier requests are void; later answers of their callbacks change nothing.
        var older = context.Verifications.Where(
            row => row.Bucket == verification.Bucket && row.FeedId == verification.FeedId && row.Identity == verification.Identity &&
                row.Mode != VerificationMode.Denied && row.Number < verification.Number);
        await context.RequestsOf(verification.FeedId, verification.Identity).Where(row => older.Any(one => one.Id == row.Id))
            .EndAsync(RequestState.Overtaken, Overtaken, now, CancellationToken.None);
        await older.ExecuteDeleteAsync();
        var (hadSecret, renewed) = (subscription?.Secret, subscription?.State == SubscriptionState.Active);
        if (verification.Mode == VerificationMode.Unsubscribe)
        {
            await UnsubscribeAsync(context, verification, subscription, now);
        }
        else
        {
            subscription = await SubscribeAsync(context, verification, subscription, head, askedAt, onTheWire, now);
        }

        if (request is not null)
        {
            var subscribed = verification.Mode != VerificationMode.Unsubscribe;
            request.Confirm(
                subscribed ? subscription?.LeaseUntil : null,
                subscribed && renewed ? !AreSame(secrets, hadSecret, verification.Secret) : null,
                renewed && verification is { After: not null, IsProven: false },
                now);
            await context.SaveChangesAsync();
            await context.ForgetOldestAsync(request, CancellationToken.None);
        }

        return true;
    }

    private static bool AreSame(SecretBox secrets, byte[]? one, byte[]? other) =>
        one is null || other is null ? one is null && other is null : secrets.TryOpen(one) is { } text && text == secrets.TryOpen(other);

    private static async Task UnsubscribeAsync(
        LedgerContext context, Verification verification, Subscription? subscription, DateTimeOffset now)
    {
        if (subscription is null)
        {
            return;
        }

        subscription.End(SubscriptionState.Unsubscribed, now, verification.Number);
        await context.SaveChangesAsync();
        await Cursor(context, subscription).ExecuteDeleteAsync();
        await context.ParkedUpdates.Where(
            parked =>
                parked.Bucket == subscription.Bucket && parked.FeedId == subscription.FeedId && parked.SubscriptionId == subscription.Id)
            .ExecuteDeleteAsync();
    }

    private static async Task<Subscription> SubscribeAsync(
        LedgerContext context, Verification verification, Subscription? subscription, long head, DateTimeOffset askedAt, TimeSpan onTheWire,
        DateTimeOffset now)
    {
        var renews = subscription?.State == SubscriptionState.Active;
        // A POST of the subscription that has just ended may still be in flight: the new one for the same callback begins after it.
        var dueAt = subscription?.EndedAt is { } endedAt && endedAt + onTheWire > now ? endedAt + onTheWire : now;
        if (subscription is null)
        {
            subscription = Subscription.Begin(verification.FeedId, verification.Identity, verification.Callback, now);
            context.Subscriptions.Add(subscription);
        }

        subscription.Confirm(verification.Terms, verification.Number, await LeaseEndAsync(context, verification, askedAt), now);
        var (position, gap) = PlaceOf(verification, head);
        // The Recommendation has no hub.after: a third party that knows topic and callback must not move the cursor by a renewal.
        if (renews && verification is { After: not null, IsProven: true })
        {
            await ReplaceAsync(context, subscription, position, gap, now + onTheWire);
        }
        else if (!renews)
        {
            await Cursor(context, subscription).ExecuteDeleteAsync();
            context.Cursors.Add(new DeliveryCursor
            {
                Bucket = subscription.Bucket,
                FeedId = subscription.FeedId,
                Shard = await ShardPlacement.ChooseAsync(context, subscription.Bucket, subscription.FeedId, head),
                SubscriptionId = subscription.Id,
                // It joins the express lane once it has caught up, under the lock of the shard's row.
                Lane = Lane.CatchUp,
                DueAt = dueAt,
                Position = position,
                Notes = verification.Mode == VerificationMode.Webhook ? CursorNotes.Contents : CursorNotes.None,
                GapFrom = gap?.From,
                GapTo = gap?.To,
            });
        }

        await context.SaveChangesAsync();
        return subscription;
    }

    // A position from before a restore goes on where both logs are the same, and the gap names the updates that the restored log lacks. A
    // position beyond the head, which this transaction holds, starts as if there were none, with a gap: decided at the delivery, the jump
    // would skip the updates appended until then.
    private static (long Position, CursorGap? Gap) PlaceOf(Verification verification, long head)
    {
        var start = Math.Min(verification.StartAt, head);
        return verification.After switch
        {
            null => (verification.StartAt, null),
            { } after when after > head => (start, new CursorGap(start + 1, after)),
            { } after => (after, verification.LostTo is { } lost ? new CursorGap(after + 1, lost) : null),
        };
    }

    // A lease never outlives its grant, whose end may have been brought forward since the request was taken. A webhook has none.
    private static async Task<DateTimeOffset?> LeaseEndAsync(LedgerContext context, Verification verification, DateTimeOffset askedAt)
    {
        if (verification.Mode == VerificationMode.Webhook)
        {
            return null;
        }

        var asked = askedAt.AddSeconds(verification.LeaseSeconds);
        var until = verification.GrantId is { } grantId
            ? await context.Grants.Where(grant => grant.Id == grantId).Select(grant => grant.Until).FirstOrDefaultAsync()
            : null;
        return until < asked ? until.Value : asked;
    }

    // A renewal with hub.after fences the current holder of the cursor off; the cursor is not claimed again before a POST in flight can
    // have ended.
    private static Task ReplaceAsync(LedgerContext context, Subscription subscription, long place, CursorGap? gap, DateTimeOffset dueAt)
    {
        var (from, to) = (gap?.From, gap?.To);
        return Cursor(context, subscription).ExecuteUpdateAsync(set => set
            .SetProperty(cursor => cursor.Position, place)
            .SetProperty(cursor => cursor.Lane, Lane.CatchUp)
            .SetProperty(cursor => cursor.DueAt, dueAt)
            .SetProperty(cursor => cursor.LeaseId, (long?)null)
            .SetProperty(cursor => cursor.LeasedUntil, (DateTimeOffset?)null)
            .SetProperty(cursor => cursor.GapFrom, from)
            .SetProperty(cursor => cursor.GapTo, to));
    }

    private static IQueryable<DeliveryCursor> Cursor(LedgerContext context, Subscription subscription) => context.Cursors.Where(
        cursor => cursor.Bucket == subscription.Bucket && cursor.FeedId == subscription.FeedId && cursor.SubscriptionId == subscription.Id);
}
