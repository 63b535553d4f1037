using System.Text;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Verifications;

/// <summary>
/// The POST that confirms a webhook: an empty document of its topic, signed and with the headers of a delivery, so that a receiver that
/// accepts it can accept deliveries. It is stored as an attempt without updates, so the owner sees the answer.
/// </summary>
internal sealed partial class WebhookTest(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, FeedLoader feeds, SecretBox secrets, CallbackClient client,
    RootKey root, SubscriptionCache subscriptions, DeliveryRenderer documents,
    IOptions<HubOptions> hub, TimeProvider time, ILogger<WebhookTest> logger)
{
    /// <summary>Null where there is nothing to test any more, or its secret cannot be decrypted: it is never sent unsigned.</summary>
    public async Task<CallbackResult?> SendAsync(Verification verification, UnverifiedCallback? unverified)
    {
        var secret = verification.Secret is null ? null : secrets.TryOpen(verification.Secret);
        if ((verification.Secret is not null && secret is null) ||
            await feeds.FindAsync(verification.FeedId, CancellationToken.None) is not { } feed ||
            await FindAsync(verification) is not { } subscription)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var delivery = root.TestDelivery(verification.Id);
        var self = new Topic(feed.Id, verification.Format, verification.Kinds, Key: null).Canonical(hub.Value.PublicUrl);
        var document = documents.Empty(feed, verification.Format, self);
        var key = secret is null ? null : Encoding.UTF8.GetBytes(secret);
        var request = TestPost.Of(
            verification.Callback, verification.Format, subscriptions.LinkOf(subscription, self), delivery, now, verification.Signature,
            key, document);
        unverified?.Attach(request);
        var answer = await client.TestAsync(request, CancellationToken.None);
        if (answer is { Outcome: AttemptOutcome.Throttled, Status: null })
        {
            // It was not sent: strangers are called a handful of times a minute.
            return answer;
        }

        await WriteAsync(subscription, delivery, now, document, answer);
        return answer;
    }

    /// <summary>Whether the answer echoed the name of the test delivery, as a server that accepts anything does not.</summary>
    public bool Echoes(Verification verification, CallbackResult answer) =>
        Guid.TryParse(answer.Delivery, out var echoed) && echoed == root.TestDelivery(verification.Id);

    /// <summary>Notes on the webhook whether its callback echoes; in the transaction in which its request is applied.</summary>
    public Task NoteAsync(LedgerContext context, Verification verification, CallbackResult answer)
    {
        var echoes = Echoes(verification, answer);
        return Webhook(context, verification).ExecuteUpdateAsync(set => set.SetProperty(row => row.Echoes, echoes), CancellationToken.None);
    }

    /// <summary>
    /// Ends the webhook that waits for this request; an active webhook is not changed. In both cases the owner gets a notice.
    /// </summary>
    public async Task RefuseAsync(Verification verification, SubscriptionState state, RequestOutcome outcome)
    {
        var ended = await writer.WriteAsync(
            async context =>
            {
                await context.LockFeedAsync(verification.FeedId, CancellationToken.None);
                if (await Verifier.Mine(context, verification).ExecuteDeleteAsync(CancellationToken.None) == 0)
                {
                    return null;
                }

                var now = time.GetUtcNow();
                await outcome.NoteAsync(context, verification, now);
                if (await Webhook(context, verification).FirstOrDefaultAsync(CancellationToken.None) is not { } row)
                {
                    return null;
                }

                await SubscriptionEnds.NotifyOwnerAsync(context, row, NoticeKind.Refused, now, CancellationToken.None);
                if (row.State != SubscriptionState.Pending)
                {
                    return null;
                }

                row.End(state, now, verification.Number);
                await context.SaveChangesAsync(CancellationToken.None);
                return row;
            },
            CancellationToken.None);
        if (ended is not null)
        {
            Log.NotAccepted(logger, OpaqueId.Format(ended.Id), state, outcome.Reason);
        }
    }

    private Task WriteAsync(Subscription subscription, Guid delivery, DateTimeOffset at, byte[] document, CallbackResult answer) =>
        writer.WriteAsync(
        context =>
        {
            context.Attempts.Add(new Attempt
            {
                Bucket = subscription.Bucket,
                FeedId = subscription.FeedId,
                SubscriptionId = subscription.Id,
                Id = RandomId.At(at),
                Delivery = delivery,
                Digest = DocumentDigest.Of(document),
                At = at,
                Status = answer.Status,
                Milliseconds = (int)answer.Elapsed.TotalMilliseconds,
                Bytes = document.Length,
                Error = answer.Error is null ? null : $"Its test delivery was not accepted. {answer.Error}",
                Answer = answer.Body,
            });
            return context.SaveChangesAsync(CancellationToken.None);
        },
        CancellationToken.None);

    private async Task<Subscription?> FindAsync(Verification verification)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        return await Webhook(context, verification).AsNoTracking().FirstOrDefaultAsync(CancellationToken.None);
    }

    private static IQueryable<Subscription> Webhook(LedgerContext context, Verification verification) => context.Subscriptions.Where(
        row => row.Bucket == verification.Bucket && row.FeedId == verification.FeedId && row.Identity == verification.Identity);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Webhook {Subscription} ended as {State}: its test delivery was not accepted: {Reason}")]
        public static partial void NotAccepted(ILogger logger, string subscription, SubscriptionState state, string reason);
    }
}
