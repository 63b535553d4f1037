using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries;

/// <summary>A batch with its document, ready to be sent to one subscription.</summary>
internal sealed record PreparedPost(Subscriber Subscriber, Lane Lane, NextBatch Batch, Positions Positions, byte[] Document, CursorGap? Gap);

/// <summary>Plans, renders and sends one POST, and says what came of it as an attempt.</summary>
internal sealed class DeliverySender(
    CallbackClient client, DeliveryDocuments documents, RootKey root, DeliveryMetrics metrics, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(1);

    /// <summary>The least that must be left of a lease before a request starts under it.</summary>
    public TimeSpan LeaseNeeded => options.Value.Timeout + options.Value.LeaseMargin;

    public NextBatch Plan(IEnumerable<FeedUpdate> after, long position, Grant grant, string? kinds) =>
        NextBatch.Of(after, position, grant, kinds, options.Value.MaxUpdates, options.Value.MaxKibibytes * 1024, time.GetUtcNow());

    /// <param name="feed">As it was read for this step.</param>
    /// <param name="subscriber">Who gets it.</param>
    /// <param name="grant">Its view.</param>
    /// <param name="position">Its cursor.</param>
    /// <param name="batch">What is sent.</param>
    /// <param name="gap">What it has to be told it missed.</param>
    /// <param name="shared">The documents of its shard, where others may want the same; null in the catch-up lane.</param>
    public async Task<PreparedPost> PrepareAsync(
        FeedRow feed, Subscriber subscriber, Grant grant, long position, NextBatch batch, CursorGap? gap, SharedDocuments? shared)
    {
        var positions = Positions.For(grant, root);
        var document = shared is null
            ? await documents.RenderAsync(feed, subscriber, grant, positions, batch, CancellationToken.None)
            : await shared.RenderAsync(feed, subscriber, grant, positions, position, batch, CancellationToken.None);
        return new PreparedPost(subscriber, shared is null ? Lane.CatchUp : Lane.Express, batch, positions, document, gap);
    }

    public async Task<(CallbackAnswer Answer, Attempt Attempt)> SendAsync(PreparedPost post)
    {
        var (subscriber, lane, batch, positions, document, gap) = post;
        var now = time.GetUtcNow();
        var delivery = Guid.CreateVersion7(now);
        var answer = await PostAsync(post, delivery, CallbackPost.Of(subscriber, positions, batch, gap, delivery, document));
        metrics.Attempted(answer.Outcome, lane, answer.Elapsed, document.Length, batch.Shown.Count);
        return (answer, new Attempt
        {
            Bucket = OpaqueId.BucketOf(subscriber.FeedId),
            FeedId = subscriber.FeedId,
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

    private async Task<CallbackAnswer> PostAsync(PreparedPost post, Guid delivery, HttpRequestMessage request)
    {
        using var span = DeliverySpan.Start(post.Subscriber, post.Lane, post.Batch, delivery);
        metrics.InFlight(post.Lane, 1);
        try
        {
            var answer = await client.PostAsync(request, CancellationToken.None);
            span?.Ended(answer);
            return answer;
        }
        finally
        {
            metrics.InFlight(post.Lane, -1);
        }
    }

    /// <summary>When a refused or unanswered batch is tried again; the callback's own word goes before the schedule.</summary>
    public DateTimeOffset NextTry(CallbackAnswer? answer, int failures)
    {
        var wait = BackoffSchedule.After(failures, options.Value.BackoffBase, options.Value.BackoffCap, Random.Shared.NextDouble());
        if (answer?.RetryAfter is { } asked)
        {
            wait = asked > options.Value.BackoffCap ? options.Value.BackoffCap : asked < LeastWait ? LeastWait : asked;
        }

        return time.GetUtcNow() + wait;
    }
}
