using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public sealed class DeliveryLagTests
{
    private static readonly DateTimeOffset Now = Birth.AddHours(3);
    private static readonly DeliveryLag None = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0);

    [Theory, BothDatabases]
    public async Task Express_lag_is_the_age_of_the_oldest_update_that_somebody_has_yet_to_accept(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (late, later) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        foreach (var minutes in (int[])[60, 20, 10])
        {
            await host.Log.AppendAsync([late.Request(Update())], Now.AddMinutes(-minutes), LedgerHost.Token);
        }

        await host.Log.AppendAsync([later.Request(Update())], Now.AddMinutes(-15), LedgerHost.Token);
        (await ReadAsync(host)).ShouldBe(None, "nobody subscribes");

        var shard = await AwakeAsync(host, late, head: 3);
        await host.SubscribeAsync(shard, 2);
        await host.SubscribeAsync(shard, 1);
        await host.SubscribeAsync(shard, 0, Lane.CatchUp, Now.AddHours(1));
        await host.SubscribeAsync(await AwakeAsync(host, later, head: 1), 0);

        (await ReadAsync(host)).ShouldBe(None with { Express = TimeSpan.FromMinutes(20) });
    }

    [Theory, BothDatabases]
    public async Task A_feed_that_never_pauses_is_not_late(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (busy, alone) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        await host.Log.AppendAsync([busy.Request(Update()), alone.Request(Update())], Now.AddHours(-1), LedgerHost.Token);
        await host.Log.AppendAsync([busy.Request(Update())], Now.AddMilliseconds(-30), LedgerHost.Token);

        // Both shards have been awake for an hour. The subscription of the busy feed has the first update; the other feed has no
        // subscription in the express lane.
        await host.SubscribeAsync(await AwakeAsync(host, busy, head: 2), 1);
        await host.SubscribeAsync(await AwakeAsync(host, alone, head: 1), 0, Lane.CatchUp, Now.AddHours(1));

        (await ReadAsync(host)).ShouldBe(None with { Express = TimeSpan.FromMilliseconds(30) });
    }

    [Theory, BothDatabases]
    public async Task A_shard_that_nobody_holds_is_seen_among_many_that_are_held(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        for (var i = 0; i < 120; i++)
        {
            await AwakeAsync(host, await host.OpenFeedAsync(), head: 1, minutes: 60, held: true);
        }

        var late = await host.OpenFeedAsync();
        await host.Log.AppendAsync([late.Request(Update())], Now.AddMinutes(-7), LedgerHost.Token);
        await host.SubscribeAsync(await AwakeAsync(host, late, head: 1, minutes: 7), 0);

        (await ReadAsync(host)).Express.ShouldBe(TimeSpan.FromMinutes(7));
    }

    [Theory, BothDatabases]
    public async Task A_callback_that_fails_is_counted_apart(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var shard = await host.AddMarkAsync(await host.OpenFeedAsync(), head: 9);
        await host.SubscribeAsync(shard, 3, Lane.CatchUp, Now.AddMinutes(-2));
        await host.SubscribeAsync(shard, 3, Lane.CatchUp, Now.AddMinutes(2));
        await FailAsync(host, await host.SubscribeAsync(shard, 3, Lane.CatchUp, Now.AddMinutes(-9)));
        await FailAsync(host, await host.SubscribeAsync(shard, 3, Lane.CatchUp, Now.AddMinutes(30)));

        var lag = await ReadAsync(host);

        lag.ShouldBe(new DeliveryLag(TimeSpan.Zero, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(9), 2));
        lag.Worst.ShouldBe(TimeSpan.FromMinutes(2));
    }

    private static Task<DeliveryLag> ReadAsync(LedgerHost host) =>
        new DeliveryLags(host.Get<IDbContextFactory<LedgerContext>>()).ReadAsync(Now, LedgerHost.Token);

    // Uses the database's clock, as the append does.
    private static async Task<ShardKey> AwakeAsync(LedgerHost host, Feed feed, long head, int minutes = 60, bool held = false)
    {
        var now = TimeProvider.System.GetUtcNow();
        await host.AddAsync(new FeedShard
        {
            Bucket = feed.Bucket,
            FeedId = feed.Id,
            Head = head,
            DueAt = now.AddMinutes(-minutes),
            LeaseId = held ? 1 : null,
            LeasedUntil = held ? now.AddMinutes(5) : null,
        });
        return new ShardKey(feed.Id, 0);
    }

    private static Task FailAsync(LedgerHost host, long subscriptionId) => host.Writer.WriteAsync(
        context =>
            context.Cursors.Where(cursor => cursor.SubscriptionId == subscriptionId)
                .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.Failures, 4), LedgerHost.Token),
        LedgerHost.Token);
}
