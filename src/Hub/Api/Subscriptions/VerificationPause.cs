using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// Limits the verifications of one callback for one topic to one in ten seconds, however many requests name the two: a request in that time
/// waits and replaces a waiting one. Stored in the ledger, so that it applies to all processes.
/// </summary>
internal sealed class VerificationPause(IOptions<SubscriptionOptions> options)
{
    public const string Overtaken = "A later request for the same subscription took its place before its callback was asked.";

    /// <summary>Returns the time at which the request may be verified; replaced requests are removed.</summary>
    /// <param name="context">In a transaction that has locked the feed's row.</param>
    /// <param name="feedId">The feed.</param>
    /// <param name="identity">The topic and the callback.</param>
    /// <param name="mode">Webhooks replace webhooks, and subscribers replace subscribers.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<DateTimeOffset> TakePlaceAsync(
        LedgerContext context, long feedId, byte[] identity, VerificationMode mode, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var pause = options.Value.VerificationPause;
        if (pause == TimeSpan.Zero)
        {
            return now;
        }

        var bucket = OpaqueId.BucketOf(feedId);
        var isWebhook = mode == VerificationMode.Webhook;
        var before = context.Verifications.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity &&
            row.Mode != VerificationMode.Denied && (row.Mode == VerificationMode.Webhook) == isWebhook);
        var all = await before.Select(row => row.Id).ToListAsync(cancellationToken);
        var replaced = 0;
        foreach (var id in all)
        {
            // A claimed request is being verified at this moment: it stays.
            if (await before.Where(row => row.Id == id && row.LeaseId == null).ExecuteDeleteAsync(cancellationToken) > 0)
            {
                replaced++;
                await context.RequestsOf(feedId, identity).Where(row => row.Id == id)
                    .EndAsync(RequestState.Overtaken, Overtaken, now, cancellationToken);
            }
        }

        var asked = replaced < all.Count ? now : await context.RequestsOf(feedId, identity).MaxAsync(row => row.AskedAt, cancellationToken);
        return asked + pause is { } due && due > now ? due : now;
    }
}
