using System.Text;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Workers.Deliveries;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Verifications;

/// <summary>
/// The POST by which a webhook is confirmed: an empty document of its topic, signed and with the headers of a delivery, so that whoever takes it
/// can take what is to come. It is an attempt like any other, of no updates: the owner sees what the callback made of it.
/// </summary>
internal sealed partial class WebhookTest(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, FeedRows feeds, SecretBox secrets, CallbackClient client, RootKey root, LogGeneration generation,
    IOptions<HubOptions> hub, TimeProvider time, ILogger<WebhookTest> logger)
{
    public const string Header = "Hub-Test";

    /// <summary>Null where there is nothing to test any more, or its secret cannot be decrypted: it is never sent unsigned.</summary>
    public async Task<CallbackAnswer?> SendAsync(Verification verification, Stranger? stranger)
    {
        var secret = verification.Secret is null ? null : secrets.TryOpen(verification.Secret);
        if ((verification.Secret is not null && secret is null) ||
            await feeds.FindAsync(verification.FeedId, CancellationToken.None) is not { } feed ||
            await FindAsync(verification) is not { } subscription)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var delivery = Guid.CreateVersion7(now);
        var self = new Topic(feed.Id, verification.Format, verification.Kinds, Key: null).Canonical(hub.Value.PublicUrl);
        var document = Document(feed, verification.Format, self);
        var request = new HttpRequestMessage(HttpMethod.Post, verification.Callback) { Content = new ByteArrayContent(document) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", verification.Format.ContentType());
        request.Headers.TryAddWithoutValidation("Link", WebLinking.Header($"{hub.Value.Base}/hub", self, StatusUrl(subscription)));
        request.Headers.TryAddWithoutValidation("Hub-Delivery", delivery.ToString());
        request.Headers.TryAddWithoutValidation(Header, "yes");
        if (secret is not null)
        {
            request.Headers.TryAddWithoutValidation(
                ContentSignature.Header, ContentSignature.Of(verification.Signature, Encoding.UTF8.GetBytes(secret), document));
        }

        stranger?.Mark(request);
        var answer = await client.PostAsync(request, CancellationToken.None);
        if (answer is { Outcome: AttemptOutcome.Throttled, Status: null })
        {
            // It was not sent: strangers are called a handful of times a minute.
            return answer;
        }

        await WriteAsync(subscription, delivery, now, document.Length, answer);
        return answer;
    }

    /// <summary>Ends the webhook that waits for this request; one that is active already goes on as it is.</summary>
    public async Task RefuseAsync(Verification verification, SubscriptionState state, string reason)
    {
        var ended = await writer.WriteAsync(
            async context =>
            {
                await context.LockFeedAsync(verification.FeedId, CancellationToken.None);
                if (await Verifier.Mine(context, verification).ExecuteDeleteAsync(CancellationToken.None) == 0 ||
                    await Webhook(context, verification).FirstOrDefaultAsync(CancellationToken.None) is not { State: SubscriptionState.Pending } row)
                {
                    return null;
                }

                row.End(state, time.GetUtcNow(), verification.Number);
                await context.SaveChangesAsync(CancellationToken.None);
                return row;
            },
            CancellationToken.None);
        if (ended is not null)
        {
            Log.NotAccepted(logger, OpaqueId.Format(ended.Id), state, reason);
        }
    }

    private byte[] Document(FeedRow feed, FeedFormat format, string self) => FeedDocument.Render(
        format,
        new FeedDescription
        {
            FeedId = feed.Id,
            Title = feed.Title,
            HubUrl = $"{hub.Value.Base}/hub",
            SelfUrl = self,
            Updated = feed.CreatedAt,
            Positions = Positions.For(Grant.OfOwner(feed.Id), root, generation.Current),
        },
        []);

    private string StatusUrl(Subscription row) =>
        $"{hub.Value.Base}/subscriptions/{OpaqueId.Format(row.Id)}?key={root.StatusKey(row.Id, row.KeyGeneration)}";

    private Task WriteAsync(Subscription subscription, Guid delivery, DateTimeOffset at, int bytes, CallbackAnswer answer) => writer.WriteAsync(
        context =>
        {
            context.Attempts.Add(new Attempt
            {
                Bucket = subscription.Bucket,
                FeedId = subscription.FeedId,
                SubscriptionId = subscription.Id,
                Id = delivery,
                At = at,
                Status = answer.Status,
                Milliseconds = (int)answer.Elapsed.TotalMilliseconds,
                Bytes = bytes,
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
