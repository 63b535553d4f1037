using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

/// <summary>Tests places that are merged in the same transaction that stores the other updates.</summary>
public class ThinnedAppendTests
{
    private static readonly ThinningRule Rule = new(100, TimeSpan.FromMinutes(10));

    [Theory, BothDatabases]
    public async Task What_is_merged_takes_no_number_and_is_counted_on_disk(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        var first = await AppendAsync(host, feed, Seen(0, 0, "a"), Seen(1, 0), Update("b", "battery"), Seen(2, 0));
        var second = await AppendAsync(host, feed, Seen(3, 0), Seen(4, 500, data: """{"x":1}"""));

        first.Seqs.ShouldBe([1, 1, 2, 2]);
        (first.Stored, first.Duplicates, first.Merged).ShouldBe((2, 0, 2));
        second.Seqs.ShouldBe([2, 3]);
        (second.Stored, second.Merged).ShouldBe((1, 1));
        var stored = await host.ReadAllAsync(feed.Id);
        stored.Select(update => update.Seq).ShouldBe([1, 2, 3]);
        stored[2].Data.ShouldBe("""{"merged":3,"x":1}""");
        var state = await StateAsync(host, feed);
        (state.Merged, state.MergedInAll, state.At).ShouldBe((0, 3, Birth.AddMinutes(4)));
    }

    [Theory, BothDatabases]
    public async Task A_request_that_comes_again_changes_nothing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        NewUpdate[] walk = [.. Enumerable.Range(0, 60).Select(minute => Seen(minute, minute / 20 * 300, $"w{minute}"))];
        var first = await AppendAsync(host, feed, walk);
        var state = await StateAsync(host, feed);

        var again = await AppendAsync(host, feed, walk);

        (first.Stored, first.Merged).ShouldBe((6, 54));
        (again.Stored, again.Duplicates, again.Merged).ShouldBe((0, 6, 54));
        (await StateAsync(host, feed)).ShouldBeEquivalentTo(state);
        (await host.RowAsync(feed.Id))!.Head.ShouldBe(6);
    }

    [Theory, BothDatabases]
    public async Task Requests_of_one_group_see_one_another_and_those_that_are_not_thinned_are_left_alone(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (thin, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());

        var outcomes = await host.Log.AppendAsync(
            [
                thin.Request(Seen(0, 0)) with { Thin = Rule }, other.Request(Seen(0, 0), Seen(1, 0)),
                thin.Request(Seen(1, 0, "m"), Seen(2, 0)) with { Thin = Rule }, thin.Request(Seen(3, 0)),
                thin.Request(Seen(1, 0, "m")) with { Thin = Rule }, other.Request(Seen(2, 0)),
            ],
            Birth.AddMinutes(10), LedgerHost.Token);

        outcomes.Cast<AppendOutcome.Appended>().Select(outcome => (outcome.Stored, outcome.Merged))
            .ShouldBe([(1, 0), (2, 0), (0, 2), (1, 0), (0, 1), (1, 0)]);
        (await host.ReadAllAsync(thin.Id)).Count.ShouldBe(2);
        (await host.ReadAllAsync(other.Id)).Count.ShouldBe(3);
        (await StateAsync(host, thin)).Merged.ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task Under_another_access_version_nothing_is_counted(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await AppendAsync(host, feed, Seen(0, 0));
        await host.BumpAccessAsync(feed.Id);

        (await host.Commit.AppendAsync(feed.Request(Seen(1, 0)) with { Thin = Rule })).ShouldBeOfType<AppendOutcome.AccessChanged>();

        (await StateAsync(host, feed)).MergedInAll.ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task Many_at_once_are_all_stored_or_counted(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        await using var host = await LedgerHost.StartAsync(store);
        // On PostgreSQL a second process writes to the same feed.
        var second = database == Database.Postgres ? await LedgerHost.StartAsync(store) : null;
        var feed = await host.OpenFeedAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            (second is not null && i % 2 == 0 ? second : host).Commit.AppendAsync(
                feed.Request(new NewUpdate { Kind = Kind.Geo, Location = Place(i % 5 * 1000) }) with { Thin = Rule })));

        var stored = outcomes.Cast<AppendOutcome.Appended>().Sum(outcome => outcome.Stored);
        var state = await StateAsync(host, feed);
        (stored + state.MergedInAll).ShouldBe(200);
        (await host.ReadAllAsync(feed.Id)).Select(update => update.Seq).ShouldBe(Enumerable.Range(1, stored).Select(seq => (long)seq));
        if (second is not null)
        {
            await second.DisposeAsync();
        }
    }

    private static async Task<AppendOutcome.Appended> AppendAsync(LedgerHost host, Feed feed, params NewUpdate[] updates) =>
        (await host.Commit.AppendAsync(feed.Request(updates) with { Thin = Rule })).ShouldBeOfType<AppendOutcome.Appended>();

    private static async Task<ThinnedPlace> StateAsync(LedgerHost host, Feed feed)
    {
        await using var context = host.Context();
        return await context.ThinnedPlaces.AsNoTracking().SingleAsync(row => row.FeedId == feed.Id, LedgerHost.Token);
    }

    private static NewUpdate Seen(int minute, double metres, string? id = null, string? data = null) =>
        new() { Kind = Kind.Geo, ClientId = id, At = Birth.AddMinutes(minute), Location = Place(metres), Data = data };

    private static Place Place(double metresNorth) => new(48 + (metresNorth / PlaceGrid.MetresPerDegree), 2, null, null, null, null);
}
