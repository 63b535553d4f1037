using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries;

/// <summary>Sends one POST of a batch, and says what came of it as an attempt.</summary>
internal sealed class DeliverySender(CallbackClient client, RootKey root, IOptions<DeliveryOptions> options, TimeProvider time)
{
    public TimeSpan Timeout => options.Value.Timeout;

    /// <summary>The least that must be left of a lease before a request starts under it.</summary>
    public TimeSpan LeaseNeeded => options.Value.Timeout + options.Value.LeaseMargin;

    public async Task<(CallbackAnswer Answer, Attempt Attempt)> SendAsync(
        FeedRow feed, Subscriber subscriber, Grant grant, long position, NextBatch batch, CursorGap? gap, SharedDocuments documents, CancellationToken cancellationToken)
    {
        var positions = Positions.For(grant, root);
        var document = await documents.RenderAsync(feed, subscriber, grant, positions, position, batch, cancellationToken);
        var now = time.GetUtcNow();
        var delivery = Guid.CreateVersion7(now);
        var answer = await client.PostAsync(CallbackPost.Of(subscriber, positions, batch, gap, delivery, document), cancellationToken);
        return (answer, new Attempt
        {
            Bucket = OpaqueId.BucketOf(feed.Id),
            FeedId = feed.Id,
            SubscriptionId = subscriber.Id,
            Id = delivery,
            At = now,
            FromSeq = batch.Shown[0].Seq,
            ToSeq = batch.Shown[^1].Seq,
            Status = answer.Status,
            Milliseconds = (int)answer.Elapsed.TotalMilliseconds,
            Bytes = document.Length,
            Error = answer.Error,
            Answer = answer.Body,
        });
    }

    /// <summary>When a refused or unanswered batch is tried again.</summary>
    public DateTimeOffset NextTry(CallbackAnswer answer, int failures)
    {
        var backoff = BackoffSchedule.After(failures, options.Value.BackoffBase, options.Value.BackoffCap, Random.Shared.NextDouble());
        if (answer.RetryAfter is { } asked && asked > TimeSpan.Zero)
        {
            backoff = asked < options.Value.BackoffCap ? asked : options.Value.BackoffCap;
        }

        return time.GetUtcNow() + backoff;
    }

    public NextBatch Plan(IEnumerable<FeedUpdate> after, long position, Grant grant, string? kinds) =>
        NextBatch.Of(after, position, grant, kinds, options.Value.MaxUpdates, options.Value.MaxKibibytes * 1024, time.GetUtcNow());
}
