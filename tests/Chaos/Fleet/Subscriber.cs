using System.Text;
using ActivityHub.Chaos.Checking;
using ActivityHub.TestKit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>One subscription of a scenario: where its POSTs go, what was promised to it, and of which feed.</summary>
internal sealed class Subscriber(ChaosFeed feed, CallbackPath callback, string topic, Promise promise)
{
    public ChaosFeed Feed { get; } = feed;

    public CallbackPath Callback { get; } = callback;

    public string Topic { get; } = topic;

    public Promise Promise { get; set; } = promise;

    public CheckResult Check(Disturbances disturbances) =>
        Checker.Check(Promise, Feed.Log, [.. Callback.Deliveries.Select(ReceivedDeliveries.Read)], disturbances);

    /// <summary>Whether the last update that it may see has been accepted.</summary>
    public bool HasAll()
    {
        if (Promise.SilentFrom is not null || Feed.Log.Entries.LastOrDefault(Promise.Shows) is not { } last ||
            last.Seq <= Promise.AtLatestAfter)
        {
            return true;
        }
        // Asked again and again while all processors are wanted by others: only what names it is read.
        var name = Encoding.UTF8.GetBytes(last.Id);
        return Callback.Deliveries.Reverse().Take(50).Where(request => request.Body.Span.IndexOf(name) >= 0).Select(ReceivedDeliveries.Read)
            .Any(
                delivery =>
                    delivery.Verdict != Verdict.Refused && delivery.EndedAt != DateTimeOffset.MaxValue &&
                        delivery.Updates.Any(update => update.Id == last.Id));
    }
}

/// <summary>One feed of a scenario.</summary>
internal sealed record ChaosFeed(TestDevice Device, TestGrant Grant, FeedLog Log);
