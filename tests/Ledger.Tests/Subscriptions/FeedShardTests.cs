using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public class FeedShardTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);

    [Theory, BothDatabases]
    public async Task Only_a_mark_that_is_due_and_free_is_claimed(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (due, asleep, none) = (await host.OpenFeedAsync(), await host.OpenFeedAsync(), await host.OpenFeedAsync());
        var shard = await host.AddMarkAsync(due);
        await host.AddMarkAsync(asleep);
        await host.AppendAsync(due, Update(), Update());

        var mark = (await ClaimAsync(host, Lease, due.Id, asleep.Id, none.Id)).ShouldHaveSingleItem();

        (mark.Key, mark.Head, mark.Done).ShouldBe((shard, 2, 0));
        (await ClaimAsync(host, Lease, due.Id)).ShouldBeEmpty();
        (await host.Deliveries.SweepShardsAsync(0, 255, 100, Lease, LedgerHost.Token)).ShouldBeEmpty();
        (await ClaimAsync(host, Lease)).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task A_lease_that_ran_out_is_anothers_and_the_first_ones_word_counts_no_more(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var shard = await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, Update());
        var first = (await ClaimAsync(host, Short, feed.Id)).ShouldHaveSingleItem();

        ClaimedShard? second = null;
        await Eventually.ShouldAsync(async () => (second = (await ClaimAsync(host, Lease, feed.Id)).SingleOrDefault()) is not null);

        second!.LeaseId.ShouldNotBe(first.LeaseId);
        (await host.Deliveries.RenewShardsAsync([first, second], Lease, LedgerHost.Token)).ShouldBe([false, true]);
        (await SleepAsync(host, new ShardCompletion(shard, first.LeaseId, 1, Birth))).ShouldBe([(ShardCompletionOutcome.Lost, 0)]);
        (await host.MarkAsync(shard)).Done.ShouldBe(0);
        (await SleepAsync(host, new ShardCompletion(shard, second.LeaseId, 1, Birth))).ShouldBe([(ShardCompletionOutcome.Asleep, 1)]);
    }

    [Theory, BothDatabases]
    public async Task A_renewed_lease_is_not_anothers(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, Update());
        var mark = (await ClaimAsync(host, Short, feed.Id)).ShouldHaveSingleItem();

        // The lease is renewed before another worker claims the shard, so it is valid again although it had expired meanwhile.
        (await host.Deliveries.RenewShardsAsync([mark], Lease, LedgerHost.Token)).ShouldBe([true]);

        (await ClaimAsync(host, Lease, feed.Id)).ShouldBeEmpty();
        (await host.MarkAsync(mark.Key)).LeasedUntil!.Value.ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddSeconds(30));
    }

    [Theory, BothDatabases]
    public async Task A_mark_sleeps_only_if_nothing_came_meanwhile(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var shard = await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, Update());
        var mark = (await ClaimAsync(host, Lease, feed.Id)).ShouldHaveSingleItem();
        await host.AppendAsync(feed, Update());

        (await SleepAsync(host, new ShardCompletion(shard, mark.LeaseId, 1, Birth))).ShouldBe([(ShardCompletionOutcome.Awake, 2)]);
        var awake = await host.MarkAsync(shard);
        (awake.Done, awake.LeaseId).ShouldBe((1, mark.LeaseId));
        awake.DueAt.ShouldNotBeNull();

        (await SleepAsync(host, new ShardCompletion(shard, mark.LeaseId, 2, Birth))).ShouldBe([(ShardCompletionOutcome.Asleep, 2)]);
        var asleep = await host.MarkAsync(shard);
        (asleep.Done, asleep.DueAt, asleep.LeaseId, asleep.LeasedUntil).ShouldBe((2, null, null, null));

        await host.AppendAsync(feed, Update());
        (await ClaimAsync(host, Lease, feed.Id)).ShouldHaveSingleItem().Head.ShouldBe(3);
    }

    [Theory, BothDatabases]
    public async Task Done_never_goes_back(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var shard = await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, Update(), Update(), Update());
        var mark = (await ClaimAsync(host, Lease, feed.Id)).ShouldHaveSingleItem();

        await SleepAsync(host, new ShardCompletion(shard, mark.LeaseId, 2, Birth));
        await SleepAsync(host, new ShardCompletion(shard, mark.LeaseId, 1, Birth));

        (await host.MarkAsync(shard)).Done.ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task A_sweep_finds_due_marks_of_its_buckets_alone_and_no_more_than_it_wants(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feeds = new List<ActivityHub.Ledger.Updates.Feed>();
        for (var i = 0; i < 12; i++)
        {
            feeds.Add(await host.OpenFeedAsync());
            await host.AddMarkAsync(feeds[i]);
            await host.AppendAsync(feeds[i], Update());
        }

        var middle = feeds.Select(feed => feed.Bucket).Order().ElementAt(5);
        var low = await host.Deliveries.SweepShardsAsync(0, middle, 100, Lease, LedgerHost.Token);
        low.Select(mark => mark.Key.FeedId).ShouldBe(feeds.Where(feed => feed.Bucket <= middle).Select(feed => feed.Id), ignoreOrder: true);

        var some = await host.Deliveries.SweepShardsAsync(0, 255, 2, Lease, LedgerHost.Token);
        some.Count.ShouldBe(2);
        var rest = await host.Deliveries.SweepShardsAsync(0, 255, 100, Lease, LedgerHost.Token);
        low.Concat(some).Concat(rest).Select(mark => mark.Key.FeedId).ShouldBe(feeds.Select(feed => feed.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task Two_processes_that_claim_at_once_share_the_marks_out()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var store = await LedgerStore.CreateAsync(Database.Postgres);
        await using var one = await LedgerHost.StartAsync(store);
        await using var other = await LedgerHost.StartAsync(store);
        var feeds = new List<ActivityHub.Ledger.Updates.Feed>();
        for (var i = 0; i < 60; i++)
        {
            feeds.Add(await one.OpenFeedAsync());
            await one.AddMarkAsync(feeds[i]);
        }

        long[] ids = [.. feeds.Select(feed => feed.Id)];
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(feeds.Select(feed => one.AppendAsync(feed, Update())));
            var claims = await Task.WhenAll(new[] { one, other }.SelectMany(host => new[]
            {
                Task.Run(() => ClaimAsync(host, Lease, ids), LedgerHost.Token),
                Task.Run(() => host.Deliveries.SweepShardsAsync(0, 255, 100, Lease, LedgerHost.Token), LedgerHost.Token),
            }));

            var claimed = claims.SelectMany(list => list).ToList();
            claimed.Select(mark => mark.Key.FeedId).ShouldBe(ids, ignoreOrder: true);
            (await SleepAsync(one, [.. claimed.Select(mark => new ShardCompletion(mark.Key, mark.LeaseId, mark.Head, Birth))]))
                .ShouldAllBe(slept => slept.Outcome == ShardCompletionOutcome.Asleep);
        }
    }

    [Fact]
    public async Task A_hinted_claim_waits_for_the_append_that_holds_the_mark_and_sees_what_it_brought()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var host = await LedgerHost.StartAsync(Database.Postgres);
        var feed = await host.OpenFeedAsync();
        await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, Update());
        await using var append = await host.Store.ConnectAsync();
        await using (var move = new Npgsql.NpgsqlCommand("BEGIN; UPDATE fanouts SET head = 2", append))
        {
            await move.ExecuteNonQueryAsync(LedgerHost.Token);
        }

        var claiming = ClaimAsync(host, Lease, feed.Id);
        await Eventually.ShouldAsync(() => host.Store.SomebodyWaitsAsync());
        (await host.Deliveries.SweepShardsAsync(0, 255, 10, Lease, LedgerHost.Token)).ShouldBeEmpty("a sweep waits for nobody");
        await using (var commit = new Npgsql.NpgsqlCommand("COMMIT", append))
        {
            await commit.ExecuteNonQueryAsync(LedgerHost.Token);
        }

        (await claiming).ShouldHaveSingleItem().Head.ShouldBe(2);
    }

    private static Task<List<ClaimedShard>> ClaimAsync(LedgerHost host, TimeSpan lease, params long[] feedIds) =>
        host.Deliveries.ClaimShardsAsync(feedIds, 16, lease, LedgerHost.Token);

    private static async Task<(ShardCompletionOutcome Outcome, long Head)[]> SleepAsync(LedgerHost host, params ShardCompletion[] sleeps) =>
        (await host.Deliveries.CompleteAsync(new CompletionBatch([], sleeps, [], []), LedgerHost.Token)).Slept;
}
