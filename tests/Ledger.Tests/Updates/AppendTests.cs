using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class AppendTests
{
    [Theory, BothDatabases]
    public async Task Updates_are_numbered_from_1_without_gaps_over_requests_groups_and_feeds(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var one = await host.OpenFeedAsync();
        var other = await host.OpenFeedAsync();

        (await host.AppendAsync(one, Update(), Update())).Seqs.ShouldBe([1, 2]);
        (await host.AppendAsync(other, Update())).Seqs.ShouldBe([1]);
        var together = await host.Log.AppendAsync(
            [one.Request(Update()), other.Request(Update(), Update()), one.Request(Update())], Birth, LedgerHost.Token);

        together.Cast<AppendOutcome.Appended>().Select(outcome => outcome.Seqs).ShouldBe([[3], [2, 3], [4]]);
        (await host.ReadAllAsync(one.Id)).Select(update => update.Seq).ShouldBe([1, 2, 3, 4]);
        (await host.ReadAllAsync(other.Id)).Select(update => update.Seq).ShouldBe([1, 2, 3]);
        (await host.RowAsync(one.Id))!.Head.ShouldBe(4);
    }

    [Theory, BothDatabases]
    public async Task A_repeat_within_one_request_gets_the_first_ones_number_and_is_stored_once(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        var outcome = await host.AppendAsync(feed, Update("a", "geo"), Update("b"), Update("a", "battery"), Update());

        outcome.Seqs.ShouldBe([1, 2, 1, 3]);
        outcome.Duplicates.ShouldBe(1);
        (await host.ReadAllAsync(feed.Id)).Select(update => update.Kind).ShouldBe(["geo", "geo", "geo"]);
    }

    [Theory, BothDatabases]
    public async Task A_repeat_within_one_group_counts_for_the_later_request(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        var outcomes = await host.Log.AppendAsync(
            [feed.Request(Update("a"), Update("b")), feed.Request(Update("b"), Update("c"))], Birth, LedgerHost.Token);

        var (first, second) = ((AppendOutcome.Appended)outcomes[0], (AppendOutcome.Appended)outcomes[1]);
        first.Seqs.ShouldBe([1, 2]);
        first.Duplicates.ShouldBe(0);
        second.Seqs.ShouldBe([2, 3]);
        second.Duplicates.ShouldBe(1);
        (await host.ReadAllAsync(feed.Id)).Select(update => update.ClientId).ShouldBe(["a", "b", "c"]);
    }

    [Theory, BothDatabases]
    public async Task A_request_that_is_sent_again_changes_nothing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await host.AddMarkAsync(feed);
        NewUpdate[] updates = [.. Enumerable.Range(0, 100).Select(i => Update($"id-{i}"))];
        var first = await host.AppendAsync(feed, updates);
        var mark = await host.MarkAsync(new(feed.Id, 0));

        var again = await host.AppendAsync(feed, updates);

        again.Seqs.ShouldBe(first.Seqs);
        again.Duplicates.ShouldBe(100);
        (await host.RowAsync(feed.Id))!.Head.ShouldBe(100);
        (await host.MarkAsync(new(feed.Id, 0))).ShouldBeEquivalentTo(mark);
    }

    [Theory, BothDatabases]
    public async Task The_same_id_on_two_feeds_names_two_updates(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (one, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());

        var outcomes = await host.Log.AppendAsync([one.Request(Update("a")), other.Request(Update("a"))], Birth, LedgerHost.Token);

        outcomes.Cast<AppendOutcome.Appended>().Sum(outcome => outcome.Duplicates).ShouldBe(0);
    }

    [Fact]
    public async Task Two_processes_that_append_the_same_ids_at_once_store_each_once_and_wait_for_each_other_only_in_order()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var store = await LedgerStore.CreateAsync(Database.Postgres);
        await using var one = await LedgerHost.StartAsync(store);
        await using var other = await LedgerHost.StartAsync(store);
        Feed[] feeds = [await one.OpenFeedAsync(), await one.OpenFeedAsync(), await one.OpenFeedAsync()];
        foreach (var feed in feeds)
        {
            await one.AddMarkAsync(feed);
        }

        // The second process locks the feeds in reverse order: without ordered locks, the two would wait for each other.
        var all = await Task.WhenAll(AppendAsync(one, feeds), AppendAsync(other, [.. feeds.Reverse()]));

        foreach (var feed in feeds)
        {
            var stored = await one.ReadAllAsync(feed.Id);
            stored.Select(update => update.Seq).ShouldBe(Enumerable.Range(1, 200).Select(i => (long)i));
            stored.Select(update => update.ClientId).Distinct().Count().ShouldBe(200);
            var numbers = stored.ToDictionary(update => update.ClientId!, update => update.Seq);
            var outcomes = all.SelectMany(host => host).Where(outcome => outcome.Request.FeedId == feed.Id).ToList();
            outcomes.ShouldAllBe(
                outcome => outcome.Outcome.Seqs.SequenceEqual(outcome.Request.Updates.Select(update => numbers[update.ClientId!])));
            outcomes.Sum(outcome => outcome.Outcome.Seqs.Count - outcome.Outcome.Duplicates).ShouldBe(200);
            (await one.MarkAsync(new(feed.Id, 0))).Head.ShouldBe(200);
        }

        static async Task<(AppendRequest Request, AppendOutcome.Appended Outcome)[]> AppendAsync(LedgerHost host, Feed[] feeds)
        {
            var appended = new List<(AppendRequest, Task<AppendOutcome>)>();
            for (var batch = 0; batch < 40; batch++)
            {
                foreach (var feed in feeds)
                {
                    var request = feed.Request([.. Enumerable.Range(batch * 5, 5).Select(i => Update($"id-{i}"))]);
                    appended.Add((request, host.Commit.AppendAsync(request)));
                }

                if (batch % 8 == 0)
                {
                    await appended[^1].Item2;
                }
            }

            await Task.WhenAll(appended.Select(item => item.Item2));
            return [.. appended.Select(item => (item.Item1, item.Item2.Result.ShouldBeOfType<AppendOutcome.Appended>()))];
        }
    }

    [Theory, BothDatabases]
    public async Task An_append_under_another_access_version_stores_nothing_and_its_neighbours_are_stored(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (revoked, good) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        await host.BumpAccessAsync(revoked.Id);

        var outcomes = await host.Log.AppendAsync(
            [revoked.Request(Update()), good.Request(Update()), new AppendRequest(OpaqueId.New(), 1, [Update()])], Birth, LedgerHost.Token);

        outcomes[0].ShouldBeOfType<AppendOutcome.AccessChanged>();
        outcomes[1].ShouldBeOfType<AppendOutcome.Appended>().Seqs.ShouldBe([1]);
        outcomes[2].ShouldBeOfType<AppendOutcome.AccessChanged>();
        (await host.ReadAllAsync(revoked.Id)).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task Two_versions_of_one_feed_that_wait_together_are_answered_each_for_itself(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, primer) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        Task<AppendOutcome> old, current;
        await using (await host.HoldAppendsAsync(primer))
        {
            _ = host.Commit.AppendAsync(primer.Request(Update()));
            old = host.Commit.AppendAsync(new AppendRequest(feed.Id, feed.AccessVersion - 1, [Update("same")]));
            current = host.Commit.AppendAsync(feed.Request(Update("same")));
        }

        (await old).ShouldBeOfType<AppendOutcome.AccessChanged>();
        var appended = (await current).ShouldBeOfType<AppendOutcome.Appended>();
        appended.Seqs.ShouldBe([1]);
        appended.Duplicates.ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task The_append_moves_every_shards_mark_and_wakes_it(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var (zero, one) = (await host.AddMarkAsync(feed), await host.AddMarkAsync(feed, shard: 1));

        foreach (var shard in new[] { zero, one })
        {
            await host.AppendAsync(feed, Update(), Update());
            var mark = await host.MarkAsync(shard);
            (mark.Head, mark.Done).ShouldBe(((await host.RowAsync(feed.Id))!.Head, 0));
            mark.DueAt.ShouldNotBeNull();
            await host.AppendAsync(feed, Update());
            (await host.MarkAsync(shard)).DueAt.ShouldBe(mark.DueAt, "it is due since the first, not since the last");
        }
    }
}
