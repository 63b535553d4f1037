using System.Globalization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: one row, at most 16 for a wide feed, for any number of subscribers.
public sealed class WidthTests(Hubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_full_shard_opens_the_next_and_of_sixteen_any_takes_the_newcomer(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.At("/first"));
        await FillAsync(stage, shard: 0, FeedShard.ShardSize - 1, "http://127.0.0.1:9/nobody");

        (await ShardOfNewcomerAsync(stage, host.At("/second"))).ShouldBe((short)1);
        (await stage.ReadAsync(context => context.FeedShards.CountAsync(shard => shard.FeedId == stage.FeedId))).ShouldBe(2);
        await AddMarksAsync(stage, 2, FeedShard.MostShards - 1);
        (await ShardOfNewcomerAsync(stage, host.At("/third"))).ShouldBeInRange((short)0, (short)15);
        (await stage.ReadAsync(context => context.FeedShards.CountAsync(shard => shard.FeedId == stage.FeedId)))
            .ShouldBe(FeedShard.MostShards);
    }

    [Theory, BothDatabases]
    public async Task All_shards_of_a_wide_feed_are_delivered_and_each_callback_gets_each_update_once_and_in_order(Database database)
    {
        const int Shards = 9;
        const int Each = 12;
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.At("/0-0"));
        await AddMarksAsync(stage, 1, Shards - 1);
        var paths = new List<CallbackPath>();
        for (short shard = 0; shard < Shards; shard++)
        {
            await FillAsync(stage, shard, Each, host.Url(string.Create(CultureInfo.InvariantCulture, $"/{shard}-")));
            paths.AddRange(
                Enumerable.Range(0, Each).Select(number => host.At(string.Create(CultureInfo.InvariantCulture, $"/{shard}-{number}"))));
        }

        for (var number = 1; number <= 4; number++)
        {
            await stage.PostAsync(number, number);
        }

        foreach (var path in paths)
        {
            await path.WaitUntilAsync(all => all.HaveUpTo(4), TimeSpan.FromSeconds(60));
        }

        // The first one existed before its shard was filled, so its callback has two subscriptions.
        paths.Skip(1).ShouldAllBe(path => path.Deliveries.Numbers().SequenceEqual(new[] { 1, 2, 3, 4 }));
        await Eventually.ShouldAsync(async () => await stage.ReadAsync(context =>
            context.FeedShards.Where(shard => shard.FeedId == stage.FeedId)
                .AllAsync(shard => shard.Done == 4 && shard.DueAt == null && shard.LeaseId == null)));
        await LaneTests.NobodyLagsAsync(stage);
    }

    // Read from the rows, because the API lists the oldest first, one page at a time.
    private static async Task<short> ShardOfNewcomerAsync(Stage stage, CallbackPath callback)
    {
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, callback.Url);
        short? shard = null;
        await Eventually.ShouldAsync(async () => (shard = await stage.ReadAsync(context => context.Cursors
            .Where(
                cursor =>
                    cursor.FeedId == stage.FeedId &&
                        context.Set<Subscription>().Any(row => row.Id == cursor.SubscriptionId && row.Callback == callback.Url))
            .Select(cursor => (short?)cursor.Shard).SingleOrDefaultAsync())) is not null);
        return shard!.Value;
    }

    private static Task AddMarksAsync(Stage stage, short from, int to) => stage.WriteAsync(async context =>
    {
        var head = await context.Feeds.Where(feed => feed.Id == stage.FeedId).Select(feed => feed.Head).SingleAsync();
        for (var shard = from; shard <= to; shard++)
        {
            context.Add(
                new FeedShard { Bucket = OpaqueId.BucketOf(stage.FeedId), FeedId = stage.FeedId, Shard = shard, Head = head, Done = head });
        }

        await context.SaveChangesAsync();
    });

    // Adds the given number of confirmed, idle subscriptions with the terms of the existing one.
    private static Task FillAsync(Stage stage, short shard, int count, string callback) => stage.WriteAsync(async context =>
    {
        var model = await context.Subscriptions.AsNoTracking().FirstAsync(row => row.FeedId == stage.FeedId);
        var terms = new SubscriptionTerms { Format = model.Format, GrantId = model.GrantId, Topic = model.Topic };
        for (var i = 0; i < count; i++)
        {
            var subscription = Subscription.Begin(
                stage.FeedId, Guid.NewGuid().ToByteArray(), callback + i.ToString(CultureInfo.InvariantCulture),
                TimeProvider.System.GetUtcNow());
            subscription.Confirm(terms, 1, null, TimeProvider.System.GetUtcNow());
            context.Add(subscription);
            context.Add(
                new DeliveryCursor
                {
                    Bucket = model.Bucket,
                    FeedId = model.FeedId,
                    Shard = shard,
                    SubscriptionId = subscription.Id,
                    Lane = Lane.Express
                });
        }

        await context.SaveChangesAsync();
    });
}
