using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>A batch with its document; no document where nothing is to be sent.</summary>
internal sealed record PlannedPost(NextBatch Batch, Grant Grant, Positions Positions, byte[] Document, bool WithOlder, long Digest);

/// <summary>A post for one subscription.</summary>
internal readonly record struct PreparedPost(Subscriber Subscriber, Lane Lane, PlannedPost Plan, CursorGap? Gap)
{
    public NextBatch Batch => Plan.Batch;
}

/// <summary>Plans, renders and sends one POST, and returns its attempt.</summary>
internal sealed class DeliverySender(
    CallbackClient client, DeliveryRenderer documents, RootKey root, LogGeneration generation, ReceiptRecorder receipts,
    DeliveryMetrics metrics, IOptions<DeliveryOptions> options, TimeProvider time)
{
    /// <summary>The least that must be left of a lease before a request starts under it.</summary>
    public TimeSpan LeaseNeeded => options.Value.Timeout + options.Value.LeaseMargin;

    /// <summary>How many new updates a document holds.</summary>
    public int MaxUpdates => options.Value.MaxUpdates;

    /// <summary>Plans the next POST after a position.</summary>
    /// <param name="after">The updates after the position, oldest first.</param>
    /// <param name="position">The cursor.</param>
    /// <param name="grant">The view.</param>
    /// <param name="subscriber">The receiver.</param>
    /// <param name="limit">At most so many; null = as many as into any.</param>
    public NextBatch Next(IEnumerable<FeedUpdate> after, long position, Grant grant, Subscriber subscriber, short? limit = null) =>
        NextBatch.Of(
        after, position, grant, subscriber.Kinds, Math.Min(limit ?? MaxUpdates, MaxUpdates), options.Value.MaxKibibytes * 1024,
        time.GetUtcNow());

    /// <summary>Renders what a batch shows.</summary>
    public async Task<PlannedPost> PlanAsync(FeedRow feed, Subscriber subscriber, Grant grant, NextBatch batch, DocumentShape shape)
    {
        var positions = Positions.For(grant, root, generation.Current);
        if (batch.Shown.Count == 0)
        {
            return new PlannedPost(batch, grant, positions, [], WithOlder: false, Digest: 0);
        }

        var (document, withOlder) = await documents.RenderAsync(feed, subscriber, grant, positions, batch, shape, CancellationToken.None);
        return new PlannedPost(batch, grant, positions, document, withOlder, DocumentDigest.Of(document));
    }

    public async Task<(CallbackResult Answer, Attempt Attempt)> SendAsync(PreparedPost post)
    {
        var (subscriber, lane, (batch, grant, positions, document, _, digest), gap) = post;
        var now = time.GetUtcNow();
        var delivery = DeliveryId.Of(subscriber.Id, batch.Shown);
        var answer = await PostAsync(
            post, delivery,
            CallbackPost.Of(subscriber, positions, (batch.Shown[0].Seq, batch.Shown[^1].Seq), gap, delivery, now, document));
        metrics.Attempted(answer.Outcome, lane, answer.Elapsed, document.Length, batch.Shown.Count);
        if (answer.Outcome == AttemptOutcome.Accepted)
        {
            receipts.Note(grant, ReceiptChannel.Delivery, subscriber.Host, batch.Shown[0].Seq, batch.Shown[^1].Seq);
        }

        return (answer, new Attempt
        {
            Bucket = OpaqueId.BucketOf(subscriber.FeedId),
            FeedId = subscriber.FeedId,
            SubscriptionId = subscriber.Id,
            Id = RandomId.At(now),
            Delivery = delivery,
            Digest = digest,
            GapFrom = gap?.From,
            GapTo = gap?.To,
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

    private async Task<CallbackResult> PostAsync(PreparedPost post, Guid delivery, HttpRequestMessage request)
    {
        using var span = DeliverySpan.Start(post.Subscriber, post.Lane, post.Batch, delivery);
        metrics.InFlight(post.Lane, 1);
        try
        {
            // A POST in flight is not cut off, neither by a revocation nor by a stop: its callback may have accepted it already.
            var answer = await client.PostAsync(request, CancellationToken.None);
            span?.Ended(answer);
            return answer;
        }
        finally
        {
            metrics.InFlight(post.Lane, -1);
        }
    }

    /// <summary>
    /// The time of the next try after a refused or unanswered batch: the later of the schedule and the callback's <c>Retry-After</c>.
    /// </summary>
    /// <param name="answer">The answer, if there was one.</param>
    /// <param name="failures">In a row.</param>
    /// <param name="failingSince">The first of them.</param>
    public DateTimeOffset NextTry(CallbackResult? answer, int failures, DateTimeOffset? failingSince)
    {
        var now = time.GetUtcNow();
        return now + (Suspension.Holds(failingSince, now)
            ? BackoffSchedule.Later(Suspension.TryEvery, answer?.RetryAfter, options.Value.BackoffCap)
            : BackoffSchedule.After(failures, answer?.RetryAfter, options.Value, Random.Shared.NextDouble()));
    }
}
