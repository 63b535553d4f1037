using System.Diagnostics;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>
/// The span of one POST to a callback. It belongs to the trace of its first update, whichever process accepted that, and is linked to the
/// traces of the others.
/// </summary>
internal static class DeliverySpan
{
    public static Activity? Start(Subscriber subscriber, Lane lane, NextBatch batch, Guid delivery)
    {
        var span = WorkerSpans.Source.StartSpan("deliver", ActivityKind.Client, batch.Shown.Select(update => update.Trace));
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("hub.subscription", OpaqueId.Format(subscriber.Id));
            span.SetTag("hub.feed", OpaqueId.Format(subscriber.FeedId));
            span.SetTag("hub.delivery", delivery.ToString());
            span.SetTag("hub.lane", WorkerSpans.Spelled(lane));
            span.SetTag("hub.seq.from", batch.Shown[0].Seq);
            span.SetTag("hub.seq.to", batch.Shown[^1].Seq);
            span.SetTag("hub.updates", batch.Shown.Count);
            span.SetTag("server.address", subscriber.Callback.IdnHost);
        }

        return span;
    }

    public static void Ended(this Activity span, CallbackResult answer)
    {
        span.SetTag("hub.outcome", WorkerSpans.Spelled(answer.Outcome));
        if (answer.Status is { } status)
        {
            span.SetTag("http.response.status_code", (int)status);
        }

        if (answer.Outcome != AttemptOutcome.Accepted)
        {
            span.SetStatus(ActivityStatusCode.Error, answer.Error);
        }
    }
}
