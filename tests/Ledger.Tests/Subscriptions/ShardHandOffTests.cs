using System.Text.Json;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

// An append claims the shards that it wakes for the deliveries of the same process. On SQLite a claim needs no round trip and is left to
// the lane.
public class ShardHandOffTests
{
    private static readonly ShardClaimOffer Offer = new(4711, TimeSpan.FromMinutes(1), ShardsAFeed: 2);

    [Fact]
    public async Task An_append_hands_over_the_marks_that_it_wakes()
    {
        await using var scene = await Scene.SetAsync();
        var feed = await scene.Host.OpenFeedAsync();
        for (short shard = 0; shard < 3; shard++)
        {
            await scene.Host.AddMarkAsync(feed, shard: shard);
        }

        await scene.Host.AppendAsync(feed, Update(), Update());

        scene.Taken.OrderBy(mark => mark.Key.Shard).Select(mark => mark with { Log = null })
            .ShouldBe(
                [new ClaimedShard(new ShardKey(feed.Id, 0), 4711, 2, 0, feed.AccessVersion),
                    new ClaimedShard(new ShardKey(feed.Id, 1), 4711, 2, 0, feed.AccessVersion)]);
        var mark = await scene.Host.MarkAsync(new ShardKey(feed.Id, 0));
        (mark.LeaseId, mark.Head, mark.Done).ShouldBe((4711, 2, 0));
        mark.LeasedUntil!.Value.ShouldBeInRange(
            TimeProvider.System.GetUtcNow().AddSeconds(30), TimeProvider.System.GetUtcNow().AddSeconds(61));
        // The other shards of a wide feed can be claimed by any worker.
        var left = await scene.Host.Deliveries.ClaimShardsAsync([feed.Id], 9, TimeSpan.FromMinutes(1), LedgerHost.Token);
        left.ShouldHaveSingleItem().Key.Shard.ShouldBe((short)2);
    }

    [Fact]
    public async Task What_it_hands_over_is_what_would_be_read()
    {
        await using var scene = await Scene.SetAsync();
        var (feed, other) = (await scene.Host.OpenFeedAsync(), await scene.Host.OpenFeedAsync());
        await scene.Host.AddMarkAsync(feed);
        await scene.Host.AddMarkAsync(other);
        // With another feed in the same group, unusual times, and a repeated update.
        var one = Update() with
        {
            ClientId = "one",
            At = new DateTimeOffset(1969, 7, 20, 20, 17, 40, TimeSpan.FromHours(-3)).AddTicks(1234567),
            Title = "é\u2603"
        };
        var two = Update() with
        {
            Kind = "geo",
            Location = new Place(-23.4, -0.0, 12.25, 1e-300, null, 359.9),
            At = new DateTimeOffset(1985, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567),
            Data = """{ "a":1.0 }"""
        };

        await Task.WhenAll(scene.Host.AppendAsync(feed, one, two, one), scene.Host.AppendAsync(other, Update()));

        foreach (var mark in scene.Taken)
        {
            var read = await scene.Host.Log.ReadAfterAsync(new LogRange(mark.Key.FeedId, 0, 9, null, 9), LedgerHost.Token);
            JsonSerializer.Serialize(mark.Log!.Updates).ShouldBe(JsonSerializer.Serialize(read));
            mark.Log.Feed.ShouldBe((await scene.Host.Log.FindFeedsAsync([mark.Key.FeedId], LedgerHost.Token)).Single());
        }

        scene.Taken.Select(mark => (mark.Key.FeedId, mark.Log!.Updates.Count)).ShouldBe([(feed.Id, 2), (other.Id, 1)], ignoreOrder: true);
    }

    [Fact]
    public async Task What_somebody_holds_stays_his_and_what_ran_out_does_not()
    {
        await using var scene = await Scene.SetAsync();
        var (held, late) = (await scene.Host.OpenFeedAsync(), await scene.Host.OpenFeedAsync());
        await scene.Host.AddMarkAsync(held);
        var lateShard = await scene.Host.AddMarkAsync(late);
        scene.Offered = null;
        await scene.Host.AppendAsync(held, Update());
        await scene.Host.AppendAsync(late, Update());
        var first = (await scene.Host.Deliveries.ClaimShardsAsync([held.Id], 9, TimeSpan.FromMinutes(1), LedgerHost.Token))
            .ShouldHaveSingleItem();
        (await scene.Host.Deliveries.ClaimShardsAsync([late.Id], 9, TimeSpan.FromMilliseconds(1), LedgerHost.Token)).ShouldHaveSingleItem();
        scene.Offered = Offer;
        await Eventually.ShouldAsync(async () => (await scene.Host.MarkAsync(lateShard)).LeasedUntil < TimeProvider.System.GetUtcNow());

        await scene.Host.AppendAsync(held, Update());
        await scene.Host.AppendAsync(late, Update());

        // The shard waits for more updates than this append stored, so they must be read from the log.
        scene.Taken.ShouldHaveSingleItem().ShouldBe(new ClaimedShard(lateShard, 4711, 2, 0, late.AccessVersion));
        var mark = await scene.Host.MarkAsync(first.Key);
        (mark.LeaseId, mark.Head).ShouldBe((first.LeaseId, 2));
    }

    [Fact]
    public async Task Nothing_is_claimed_where_nothing_was_stored_or_nobody_offers()
    {
        await using var scene = await Scene.SetAsync();
        var feed = await scene.Host.OpenFeedAsync();
        var shard = await scene.Host.AddMarkAsync(feed);
        scene.Offered = null;
        await scene.Host.AppendAsync(feed, Update() with { ClientId = "one" });
        var mark = await scene.Host.MarkAsync(shard);
        (mark.LeaseId, mark.DueAt is null).ShouldBe((null, false));
        scene.Offered = Offer;

        (await scene.Host.AppendAsync(feed, Update() with { ClientId = "one" })).Duplicates.ShouldBe(1);

        scene.Taken.ShouldBeEmpty();
        (await scene.Host.MarkAsync(shard)).LeaseId.ShouldBeNull();
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly List<ClaimedShard> _taken = [];

        private Scene(LedgerHost host)
        {
            Host = host;
            host.Get<ShardHandOff>().Serve(() => Offered, (marks, _) => _taken.AddRange(marks));
        }

        public LedgerHost Host { get; }

        public ShardClaimOffer? Offered { get; set; } = Offer;

        public IReadOnlyList<ClaimedShard> Taken => _taken;

        public static async Task<Scene> SetAsync()
        {
            Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
            return new Scene(await LedgerHost.StartAsync(Database.Postgres));
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
