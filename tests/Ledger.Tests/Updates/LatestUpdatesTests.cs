using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class LatestUpdatesTests
{
    private static readonly DateTimeOffset Now = Birth.AddHours(8);

    [Theory, BothDatabases]
    public async Task A_backlog_that_arrives_late_is_not_the_present(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await AppendAsync(host, feed, Now, Seen(Now.AddSeconds(-5), title: "live"));
        var backlog = Enumerable.Range(0, 1000).Select(i => Seen(Now.AddHours(-3).AddSeconds(i))).ToArray();
        await AppendAsync(host, feed, Now.AddSeconds(10), backlog);
        await AppendAsync(host, feed, Now.AddSeconds(20), Seen(Now.AddHours(-2), title: "two hours ago"));

        (await LatestAsync(host, feed)).Title.ShouldBe("live");
    }

    [Theory, BothDatabases]
    public async Task A_backlog_in_any_order_gives_the_one_that_was_seen_last(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        int[] minutes = [.. Enumerable.Range(0, 300)];
        new Random(466454).Shuffle(minutes);
        await AppendAsync(host, feed, Now, [.. minutes.Select(minute => Seen(Now.AddMinutes(-1 - minute), title: $"{minute}"))]);

        (await LatestAsync(host, feed)).Title.ShouldBe("0");
    }

    [Theory, BothDatabases]
    public async Task A_clock_that_is_ahead_says_nothing_about_the_present(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await AppendAsync(host, feed, Now, Seen(Now, title: "right"));
        await AppendAsync(host, feed, Now.AddSeconds(1), Seen(Now.AddHours(20), title: "ahead"));
        (await LatestAsync(host, feed)).Title.ShouldBe("right");

        await AppendAsync(host, feed, Now.AddMinutes(5), Seen(Now.AddMinutes(5), title: "right again"));
        (await LatestAsync(host, feed)).Title.ShouldBe("right again");
    }

    [Theory, BothDatabases]
    public async Task A_clock_that_differs_by_seconds_counts_as_of_the_receipt(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await AppendAsync(host, feed, Now, Seen(Now.AddSeconds(50), title: "first"));
        await AppendAsync(host, feed, Now.AddSeconds(10), Seen(Now.AddSeconds(9), title: "second"));

        (await LatestAsync(host, feed)).Title.ShouldBe("second");
    }

    [Theory, BothDatabases]
    public async Task Of_two_that_were_seen_at_once_the_later_one_is_taken(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await AppendAsync(host, feed, Now, Seen(Now, title: "first"), Seen(Now, title: "second"));

        (await LatestAsync(host, feed)).Title.ShouldBe("second");
    }

    [Theory, BothDatabases]
    public async Task Other_kinds_and_other_feeds_do_not_count(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        await AppendAsync(host, feed, Now, Seen(Now, "battery"));
        await AppendAsync(host, other, Now, Seen(Now));

        (await host.Get<LatestUpdates>().FindAsync(feed.Id, Kind.Geo, LedgerHost.Token)).ShouldBeNull();
        (await host.Get<LatestUpdates>().FindAsync(feed.Id, Kind.Battery, LedgerHost.Token)).ShouldNotBeNull();
    }

    [Theory, BothDatabases]
    public async Task A_stretch_of_the_phones_time_is_found_whenever_it_arrived(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await AppendAsync(host, feed, Now, Seen(Now, title: "today"));
        await AppendAsync(
            host, feed, Now.AddSeconds(1), [.. Enumerable.Range(0, 450).Select(i => Seen(Now.AddDays(-3).AddSeconds(i), title: $"{i}"))]);
        await AppendAsync(
            host, feed, Now.AddSeconds(2), Seen(Now.AddDays(-2), title: "the day after"), Seen(Now.AddHours(20), title: "ahead"));

        var found = await DayAsync(host, feed, Now.AddDays(-3), Now.AddDays(-2));
        found.Select(update => update.Title).ShouldBe(Enumerable.Range(0, 450).Select(i => $"{i}"));
        (await DayAsync(host, feed, Now.AddDays(-2), Now.AddDays(-1))).ShouldHaveSingleItem().Title.ShouldBe("the day after");
        (await DayAsync(host, feed, Now.AddHours(19), Now.AddHours(21))).ShouldHaveSingleItem().Title.ShouldBe("ahead");
        (await DayAsync(host, feed, Now.AddDays(-30), Now.AddDays(-29))).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task A_phone_is_last_heard_of_by_what_it_wrote_itself(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, silent) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        await AppendAsync(host, feed, Now, Seen(Now.AddDays(-1)));
        // The hub itself creates the update that a place was entered, so it does not count as heard from the phone.
        await AppendAsync(host, feed, Now.AddHours(1), new NewUpdate { Kind = Kind.Geo, ClientId = PlaceEvent.IdPrefix + "x", At = Now });

        await using var context = host.Context();
        var heard = await context.LastReceivedAsync([feed.Id, silent.Id], LedgerHost.Token);

        heard.ShouldBe(new Dictionary<long, DateTimeOffset> { [feed.Id] = Now });
        LastHeard.Of(null, heard[feed.Id]).ShouldBe(Now);
        LastHeard.Of(new DeviceStatus { LastSeenAt = Now.AddMinutes(1) }, heard[feed.Id]).ShouldBe(Now.AddMinutes(1));
        LastHeard.Of(new DeviceStatus { LastSeenAt = Now.AddMinutes(-1) }, heard[feed.Id]).ShouldBe(Now);
        LastHeard.Of(null, null).ShouldBeNull();
    }

    private static NewUpdate Seen(DateTimeOffset at, string kind = Kind.Geo, string? title = null) =>
        new() { Kind = kind, At = at, Title = title };

    private static Task AppendAsync(LedgerHost host, Feed feed, DateTimeOffset received, params NewUpdate[] updates) =>
        host.Log.AppendAsync([feed.Request(updates)], received, LedgerHost.Token);

    private static async Task<FeedUpdate> LatestAsync(LedgerHost host, Feed feed) =>
        (await host.Get<LatestUpdates>().FindAsync(feed.Id, Kind.Geo, LedgerHost.Token)).ShouldNotBeNull();

    private static async Task<List<FeedUpdate>> DayAsync(LedgerHost host, Feed feed, DateTimeOffset from, DateTimeOffset to)
    {
        var head = (await host.RowAsync(feed.Id))!.Head;
        var (all, after) = (new List<FeedUpdate>(), (long?)null);
        do
        {
            var (some, next) = await host.Get<ObservedUpdates>()
                .FindAsync(feed.Id, head, new ObservedStretch(from, to, after), LedgerHost.Token);
            some.Count.ShouldBeLessThanOrEqualTo(ObservedUpdates.MostUpdates);
            all.AddRange(some);
            after = next;
        }
        while (after is not null);
        return all;
    }
}
