using System.Globalization;
using ActivityHub.Bench.Load;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Bench.Seeding;

/// <summary>
/// The updates that phones sent before the hub starts, and their deliveries, in order of time: the first update of every phone, then the
/// second of every phone. So the updates of a feed are apart from each other, as in a log with many writers.
/// </summary>
internal static class History
{
    /// <summary>The status that callbacks answered to all of these deliveries.</summary>
    public const short Accepted = 204;

    private const int Milliseconds = 3;
    private const int DocumentBytes = 1500;

    // Every phone sends an update once a minute.
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    /// <summary>Returns the time in which a phone sends the given number of updates.</summary>
    public static TimeSpan Length(int updates) => Turn * updates;

    public static IEnumerable<FeedUpdate> UpdatesOf(IReadOnlyList<(Feed Feed, int Updates)> feeds)
    {
        foreach (var (seq, place) in Turns(feeds.Count, place => feeds[place].Updates))
        {
            var feed = feeds[place].Feed;
            var received = TimeOf(feed.CreatedAt, seq, place, feeds.Count);
            yield return new FeedUpdate
            {
                Bucket = feed.Bucket,
                FeedId = feed.Id,
                Seq = seq,
                EntryId = RandomId.New(),
                // A phone that may repeat a request gives its updates such ids.
                ClientId = RandomId.New().ToString("N", CultureInfo.InvariantCulture),
                // Two kinds, so that an index by kind is useful.
                Kind = seq % 5 == 0 ? "battery" : "geo",
                At = received,
                Received = received,
                Lat = Phone.Lat,
                Lon = Phone.Lon,
                Accuracy = Phone.Accuracy,
                Speed = Phone.Speed,
                Data = Phone.Data,
            };
        }
    }

    public static IEnumerable<Attempt> AttemptsOf(IReadOnlyList<Followed> followed)
    {
        foreach (var (seq, place) in Turns(followed.Count, place => followed[place].Updates))
        {
            var subscription = followed[place].Subscription;
            var at = TimeOf(subscription.CreatedAt, seq, place, followed.Count);
            yield return new Attempt
            {
                Bucket = subscription.Bucket,
                FeedId = subscription.FeedId,
                SubscriptionId = subscription.Id,
                Id = RandomId.At(at),
                At = at,
                FromSeq = seq,
                ToSeq = seq,
                Status = Accepted,
                Milliseconds = Milliseconds,
                Bytes = DocumentBytes,
            };
        }
    }

    private static IEnumerable<(int Seq, int Place)> Turns(int places, Func<int, int> updatesOf)
    {
        var most = Enumerable.Range(0, places).Select(updatesOf).DefaultIfEmpty().Max();
        return Enumerable.Range(1, most).SelectMany(
            seq => Enumerable.Range(0, places).Where(place => updatesOf(place) >= seq).Select(place => (seq, place)));
    }

    private static DateTimeOffset TimeOf(DateTimeOffset begun, int seq, int place, int places) =>
        begun + (Turn * (seq - 1)) + (Turn * place / places);

    /// <summary>A subscription and the number of updates delivered to it.</summary>
    internal readonly record struct Followed(Subscription Subscription, int Updates);
}
