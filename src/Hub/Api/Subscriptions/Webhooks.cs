using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// Writes down the webhooks that owners make: a subscription that waits, and the request whose test delivery its callback has yet to
/// accept. One topic and callback is one webhook, however often it is made.
/// </summary>
internal sealed class Webhooks(
    LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, LedgerSignals signals, SecretBox box, VerificationPause pause,
    IOptions<HubOptions> hub, TimeProvider time)
{
    public async Task<bool> OwnsAsync(Owner owner, string feed, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.OwnFeed(owner.AccountId, feed).AnyAsync(cancellationToken);
    }

    /// <summary>Null where the feed is not the owner's. New = it did not exist, or had ended.</summary>
    public async Task<(SubscriptionResponse Answer, bool IsNew)?> ProposeAsync(
        Owner owner, string feed, WebhookRequest request, CancellationToken cancellationToken)
    {
        var taken = await writer.WriteAsync(context => WriteAsync(context, owner, feed, request, cancellationToken), cancellationToken);
        if (taken is { } proposed)
        {
            signals.Raise(new Signal(SignalKind.Verifications, proposed.FeedId));
        }

        return taken is null ? null : (taken.Value.Answer, taken.Value.IsNew);
    }

    private async Task<(long FeedId, SubscriptionResponse Answer, bool IsNew)?> WriteAsync(
        LedgerContext context, Owner owner, string feed, WebhookRequest request, CancellationToken cancellationToken)
    {
        // Under the feed's lock: the start is the head of this moment, and the feed cannot be removed meanwhile.
        if (await context.OwnFeed(owner.AccountId, feed).Select(row => (long?)row.Id)
            .FirstOrDefaultAsync(cancellationToken) is not { } feedId ||
            await context.LockFeedAsync(feedId, cancellationToken) is not { } head)
        {
            return null;
        }

        var now = time.NowAsStored();
        var topic = new Topic(feedId, request.Format, request.Kinds, Key: null);
        var identity = topic.IdentityWith(CallbackUrl.Compared(request.Callback), grantId: null);
        var terms = new SubscriptionTerms
        {
            IsProven = true,
            Format = request.Format,
            Kinds = request.Kinds,
            Topic = box.Seal(topic.Canonical(hub.Value.PublicUrl)),
            Secret = request.Secret is null ? null : box.Seal(request.Secret),
        };
        var bucket = OpaqueId.BucketOf(feedId);
        var row = await context.Subscriptions.FirstOrDefaultAsync(
            found => found.Bucket == bucket && found.FeedId == feedId && found.Identity == identity, cancellationToken);
        var isNew = row is not { State: SubscriptionState.Active or SubscriptionState.Pending };
        if (row is null)
        {
            context.Add(row = Subscription.Begin(feedId, identity, request.Callback, now));
        }

        row.Propose(terms);
        var dueAt = await pause.TakePlaceAsync(context, feedId, identity, VerificationMode.Webhook, now, cancellationToken);
        var number = await SubscriptionRequests.NextNumberAsync(context, feedId, identity, now, cancellationToken);
        // The newest test delivery is the one that counts.
        await context.RequestsOf(feedId, identity).Where(found => found.Mode == VerificationMode.Webhook)
            .EndAsync(RequestState.Overtaken, VerificationPause.Overtaken, now, cancellationToken);
        await context.Verifications
            .Where(found => found.Bucket == bucket && found.FeedId == feedId && found.Identity == identity &&
                found.Mode == VerificationMode.Webhook)
            .ExecuteDeleteAsync(cancellationToken);
        var verification = Verification.Of(VerificationMode.Webhook, feedId, identity, number, request.Callback, terms, now);
        verification.Ask(leaseSeconds: 0, after: null, startAt: head, verifyToken: null);
        verification.WaitUntil(dueAt);
        context.Add(verification);
        context.Add(HubRequest.Of(verification, hasKey: true, network: ""));
        await context.SaveChangesAsync(cancellationToken);
        return (feedId, await context.DescribeAsync(row, now, cancellationToken), isNew);
    }
}
