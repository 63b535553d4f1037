using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage.Postgres;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

/// <summary>An append guesses the place in the feed's row. The guess saves a round trip; it must never change a result.</summary>
public sealed class GuessedPlaceTests
{
    [Theory, BothDatabases]
    public async Task Processes_that_write_one_feed_in_turn_judge_as_one_process_does(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        await using var one = await LedgerHost.StartAsync(store);
        var feed = await one.OpenFeedAsync();
        // SQLite supports only one process; there the same host also acts as the other.
        await using var second = database == Database.Postgres ? await LedgerHost.StartAsync(store) : null;
        var other = second ?? one;
        var (minute, expected) = (0, new List<double?>());
        foreach (var host in (LedgerHost[])[one, one, one, one, other, one, one, one, other, other, other, one, one, one, one])
        {
            var place = minute++;
            await AppendAsync(host, feed, Fix(place));
            var network = minute++;
            await AppendAsync(host == one ? other : one, feed, Network(network));
            await AppendAsync(host, feed, Network(network));
            expected.AddRange([null, place, place]);
        }

        var stored = await one.ReadAllAsync(feed.Id);
        stored.Select(row => (row.JudgedAt - Birth)?.TotalMinutes).ShouldBe(expected);
        stored.Select(row => row.Seq).ShouldBe(Enumerable.Range(1, expected.Count).Select(seq => (long)seq));
    }

    [Theory, BothDatabases]
    public async Task A_group_with_a_wrong_guess_stores_each_request_once(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        await using var host = await LedgerHost.StartAsync(store);
        var feeds = new List<Feed>();
        for (var i = 0; i < 4; i++)
        {
            var feed = await host.OpenFeedAsync();
            feeds.Add(feed);
            for (var minute = 0; minute < 4; minute++)
            {
                await AppendAsync(host, feed, Fix(minute));
            }
        }

        await using (var second = database == Database.Postgres ? await LedgerHost.StartAsync(store) : null)
        {
            await AppendAsync(second ?? host, feeds[1], Fix(5));
            await AppendAsync(second ?? host, feeds[2], Fix(5));
        }

        List<Task<AppendOutcome>> outcomes;
        await using (await host.HoldAppendsAsync(feeds[0]))
        {
            outcomes = [.. feeds.SelectMany(
                feed =>
                    (Task<AppendOutcome>[])[host.Commit.AppendAsync(feed.Request(Network(6))),
                        host.Commit.AppendAsync(feed.Request(Network(7)))])];
        }

        (await Task.WhenAll(outcomes)).ShouldAllBe(outcome => outcome is AppendOutcome.Appended);
        foreach (var (feed, place) in feeds.Zip((double[])[3, 5, 5, 3]))
        {
            (await host.ReadAllAsync(feed.Id)).Where(row => row.Kind == "network").Select(row => (row.JudgedAt - Birth)?.TotalMinutes)
                .ShouldBe([place, place]);
        }
    }

    [Fact]
    public void A_place_is_guessed_after_two_appends_in_a_row()
    {
        var guesses = new PlaceGuesses();
        guesses.TryGet(1, out _).ShouldBeFalse();

        guesses.Learn(1, found: null, left: [1]);
        guesses.TryGet(1, out _).ShouldBeFalse();
        guesses.Learn(1, found: [1], left: [2]);
        guesses.TryGet(1, out var place).ShouldBeTrue();
        place.ShouldBe([2]);

        // Another process has written.
        guesses.Learn(1, found: [3], left: [4]);
        guesses.TryGet(1, out _).ShouldBeFalse();
        guesses.Learn(1, found: [4], left: null);
        guesses.TryGet(1, out place).ShouldBeTrue();
        place.ShouldBeNull();

        guesses.Forget(1);
        guesses.TryGet(1, out _).ShouldBeFalse();
    }

    private static async Task AppendAsync(LedgerHost host, Feed feed, NewUpdate update) =>
        (await host.Commit.AppendAsync(feed.Request(update))).ShouldBeOfType<AppendOutcome.Appended>();

    private static NewUpdate Fix(int minute) =>
        new() { Kind = Kind.Geo, At = Birth.AddMinutes(minute), Location = new Place(48 + (minute / 1000.0), 2, null, null, null, null) };

    private static NewUpdate Network(int minute) =>
        new() { Kind = "network", At = Birth.AddMinutes(minute), Data = """{"ssid":"Ann Home WLAN"}""" };
}
