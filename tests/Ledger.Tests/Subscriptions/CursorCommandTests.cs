using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

// docs/architecture.md, Rules of delivery: Replay is a row that the lease holder applies between two POSTs. The holder of the shard may be
// about to release it.
public class CursorCommandTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Theory, BothDatabases]
    public async Task What_the_holder_of_a_shard_has_not_seen_goes_to_the_catch_up_lane_as_it_falls_asleep(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var shard = await ClaimedAsync(host);
        var (replayed, redelivered, other) = (
            await host.SubscribeAsync(shard.Key, 1), await host.SubscribeAsync(shard.Key, 1), await host.SubscribeAsync(shard.Key, 1));
        await AskAsync(host, shard, replayed, CursorCommand.Replay(0));
        await AskAsync(host, shard, redelivered, CursorCommand.Redeliver);
        (await host.CursorAsync(replayed)).Lane.ShouldBe(Lane.Express, "its holder may have a POST on its way");

        (await SleepAsync(host, shard)).ShouldBe(ShardCompletionOutcome.Asleep);

        (await host.Deliveries.ClaimCatchUpAsync(10, 10, Lease, Birth.AddSeconds(1), LedgerHost.Token)).ShouldBeEmpty();
        (await host.Deliveries.ClaimCatchUpAsync(10, 10, Lease, Birth.AddSeconds(2), LedgerHost.Token))
            .Select(claimed => (claimed.SubscriptionId, claimed.ReplayAfter, claimed.Redeliver))
            .ShouldBe([(replayed, 0L, false), (redelivered, null, true)], ignoreOrder: true);
        (await host.CursorAsync(other)).Lane.ShouldBe(Lane.Express);
    }

    [Theory, BothDatabases]
    public async Task A_shard_that_stays_awake_keeps_whom_something_was_asked_of(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var shard = await ClaimedAsync(host);
        var id = await host.SubscribeAsync(shard.Key);
        await AskAsync(host, shard, id, CursorCommand.Replay(0));

        (await SleepAsync(host, shard, done: 0)).ShouldBe(ShardCompletionOutcome.Awake);

        (await host.CursorAsync(id)).Lane.ShouldBe(Lane.Express);
    }

    [Fact]
    public async Task A_shard_does_not_fall_asleep_between_a_look_at_its_mark_and_the_wish()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var host = await LedgerHost.StartAsync(Database.Postgres);
        var shard = await ClaimedAsync(host);
        var id = await host.SubscribeAsync(shard.Key, 1);
        Task<ShardCompletionOutcome>? sleeping = null;

        await host.Writer.WriteAsync(
            async context =>
            {
                await context.AskAsync(shard.Key.FeedId, id, CursorCommand.Replay(0), Birth);
                sleeping = SleepAsync(host, shard);
                await Eventually.ShouldAsync(async () => sleeping.IsCompleted || await host.Store.SomebodyWaitsAsync());
            },
            LedgerHost.Token);

        (await sleeping!).ShouldBe(ShardCompletionOutcome.Asleep);
        (await host.CursorAsync(id)).Lane.ShouldBe(Lane.CatchUp);
    }

    private static async Task<ClaimedShard> ClaimedAsync(LedgerHost host)
    {
        var feed = await host.OpenFeedAsync();
        await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, Update());
        return (await host.Deliveries.ClaimShardsAsync([feed.Id], 16, Lease, LedgerHost.Token)).ShouldHaveSingleItem();
    }

    private static async Task AskAsync(LedgerHost host, ClaimedShard shard, long id, CursorCommand command) =>
        (await host.Writer.WriteAsync(context => context.AskAsync(shard.Key.FeedId, id, command, Birth), LedgerHost.Token)).ShouldBeTrue();

    private static async Task<ShardCompletionOutcome> SleepAsync(LedgerHost host, ClaimedShard shard, long done = 1)
    {
        var sleep = new ShardCompletion(shard.Key, shard.LeaseId, done, Birth.AddSeconds(2));
        return (await host.Deliveries.CompleteAsync(new CompletionBatch([], [sleep], [], []), LedgerHost.Token)).Slept[0].Outcome;
    }
}
