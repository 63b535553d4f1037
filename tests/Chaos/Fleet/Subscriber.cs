using System.Text;
using ActivityHub.Chaos.Checking;
using ActivityHub.TestKit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>One subscription of a scenario: its callback, its promise, and its feed.</summary>
internal sealed class Subscriber(ChaosFeed feed, CallbackPath callback, string topic, Promise promise)
{
    public ChaosFeed Feed { get; } = feed;

    public CallbackPath Callback { get; } = callback;

    public string Topic { get; } = topic;

    public Promise Promise { get; set; } = promise;

    public CheckResult Check(Disturbances disturbances) =>
        Checker.Check(Promise, Feed.Log, [.. Callback.Deliveries.Select(ReceivedDeliveries.Read)], disturbances);

    /// <summary>Returns whether the last visible update has been accepted.</summary>
    public bool HasAll()
    {
        if (Promise.SilentFrom is not null || Feed.Log.Entries.LastOrDefault(Promise.Shows) is not { } last ||
            last.Seq <= Promise.AtLatestAfter)
        {
            return true;
        }
        // This runs often while all processors are busy, so only documents that contain the id are parsed.
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
