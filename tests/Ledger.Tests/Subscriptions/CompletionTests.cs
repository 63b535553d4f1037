using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public class CompletionTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Theory, BothDatabases]
    public async Task The_holder_moves_its_express_cursors_and_nobody_else_does(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, shard) = await ClaimedAsync(host, updates: 3);
        var (mine, lost) = (await host.SubscribeAsync(shard.Key), await host.SubscribeAsync(shard.Key));
        (await host.Deliveries.ReadExpressAsync([shard.Key, new ShardKey(feed.Id, 5)], LedgerHost.Token))
            .Select(cursor => cursor.SubscriptionId)
            .ShouldBe([mine, lost], ignoreOrder: true);

        var result = await CompleteAsync(
            host,
            Express(shard, mine, 3) with { LastStatus = 204 },
            Express(shard, lost, 3) with { LeaseId = shard.LeaseId + 1 },
            Express(shard, OpaqueId.New(), 3),
            Express(shard, lost, 3) with { From = Lane.CatchUp });

        result.ShouldBe([true, false, false, false]);
        var moved = await host.CursorAsync(mine);
        (moved.Position, moved.Lane, moved.LastStatus, moved.LeaseId).ShouldBe((3, Lane.Express, (short)204, null));
        (await host.CursorAsync(lost)).Position.ShouldBe(0);
        (await host.Deliveries.ReadExpressAsync([shard.Key], LedgerHost.Token)).Single(cursor => cursor.SubscriptionId == mine)
            .ShouldBe(new ExpressCursor(shard.Key, mine, 3, 1, null));
    }

    [Theory, BothDatabases]
    public async Task One_who_falls_behind_leaves_express_with_its_failures_and_its_gap(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (_, shard) = await ClaimedAsync(host, updates: 5);
        var id = await host.SubscribeAsync(shard.Key, position: 2);
        var due = Birth.AddSeconds(5);

        (await CompleteAsync(host, Express(shard, id, 2) with
        {
            To = Lane.CatchUp,
            DueAt = due,
            Failures = 1,
            FailingSince = Birth,
            LastStatus = 500,
            Gap = new CursorGap(1, 2),
            Notes = CursorNotes.Contents | CursorNotes.Paced,
        })).ShouldBe([true]);

        (await host.Deliveries.ReadExpressAsync([shard.Key], LedgerHost.Token)).ShouldBeEmpty();
        (await host.Deliveries.ClaimCatchUpAsync(10, 10, Lease, due.AddTicks(-10), LedgerHost.Token)).ShouldBeEmpty();
        var claimed = (await host.Deliveries.ClaimCatchUpAsync(10, 10, Lease, due, LedgerHost.Token)).ShouldHaveSingleItem();
        claimed.ShouldBe(
            new ClaimedCursor(
                shard.Key, id, claimed.LeaseId, 2, 1, 1, Birth, new CursorGap(1, 2))
            { Notes = CursorNotes.Contents | CursorNotes.Paced });
        (await host.CursorAsync(id)).LastStatus.ShouldBe((short)500);
    }

    [Theory, BothDatabases]
    public async Task A_status_that_did_not_come_leaves_the_last_one_standing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (_, shard) = await ClaimedAsync(host, updates: 2);
        var id = await host.SubscribeAsync(shard.Key);

        await CompleteAsync(host, Express(shard, id, 1) with { LastStatus = 200 });
        await CompleteAsync(host, Express(shard, id, 2));

        (await host.CursorAsync(id)).LastStatus.ShouldBe((short)200);
    }

    [Theory, BothDatabases]
    public async Task One_that_has_caught_up_rejoins_only_a_sleeping_mark_at_whose_end_it_stands(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, shard) = await ClaimedAsync(host, updates: 3);
        var id = await host.SubscribeAsync(shard.Key, position: 3, Lane.CatchUp, Birth);
        var claimed = (await host.Deliveries.ClaimCatchUpAsync(10, 10, Lease, Birth, LedgerHost.Token)).ShouldHaveSingleItem();
        var rejoin = CatchUp(claimed, 3) with { To = Lane.Express };

        (await RejoinAsync(host, rejoin)).ShouldBeFalse("somebody holds the mark");
        await SleepAsync(host, shard, 3);
        (await RejoinAsync(host, rejoin with { LeaseId = 1 })).ShouldBeFalse("the lease is another's");
        (await RejoinAsync(host, rejoin with { Position = 2 })).ShouldBeFalse("it is behind");
        await host.AppendAsync(feed, Update());
        (await RejoinAsync(host, rejoin)).ShouldBeFalse("something came");
        (await RejoinAsync(host, rejoin with { Position = 4 })).ShouldBeFalse("the mark's holder may yet deliver it");
        var next = (await host.Deliveries.ClaimShardsAsync([feed.Id], 16, Lease, LedgerHost.Token)).ShouldHaveSingleItem();
        (await host.Deliveries.ReadExpressAsync([shard.Key], LedgerHost.Token)).ShouldBeEmpty();
        await SleepAsync(host, next, 4);

        (await RejoinAsync(host, rejoin with { Position = 4 })).ShouldBeTrue();
        var cursor = await host.CursorAsync(id);
        (cursor.Lane, cursor.Position, cursor.DueAt, cursor.LeaseId, cursor.LeasedUntil).ShouldBe((Lane.Express, 4, null, null, null));
    }

    [Theory, BothDatabases]
    public async Task A_sleep_and_a_rejoin_in_one_batch_see_each_other(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (_, shard) = await ClaimedAsync(host, updates: 1);
        await host.SubscribeAsync(shard.Key, position: 1, Lane.CatchUp, Birth);
        var claimed = (await host.Deliveries.ClaimCatchUpAsync(10, 10, Lease, Birth, LedgerHost.Token)).ShouldHaveSingleItem();

        var result = await host.Deliveries.CompleteAsync(
            new CompletionBatch(
                [], [new ShardCompletion(shard.Key, shard.LeaseId, 1, Birth)], [CatchUp(claimed, 1) with { To = Lane.Express }],
                []), LedgerHost.Token);

        result.Slept.ShouldBe([(ShardCompletionOutcome.Asleep, 1)]);
        result.Rejoined.ShouldBe([true]);
    }

    [Theory, BothDatabases]
    public async Task Catch_up_is_claimed_by_one_the_longest_due_first(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var shard = await host.AddMarkAsync(feed, head: 9);
        var second = await host.SubscribeAsync(shard, 0, Lane.CatchUp, Birth.AddSeconds(2));
        var first = await host.SubscribeAsync(shard, 1, Lane.CatchUp, Birth.AddSeconds(1));
        var third = await host.SubscribeAsync(shard, 2, Lane.CatchUp, Birth.AddSeconds(3));
        await host.SubscribeAsync(shard, 2, Lane.CatchUp, Birth.AddSeconds(4));
        await host.SubscribeAsync(shard, 9);
        var now = Birth.AddSeconds(3);

        (await ClaimAsync(1)).ShouldHaveSingleItem().SubscriptionId.ShouldBe(first);
        (await ClaimAsync(1)).ShouldHaveSingleItem().SubscriptionId.ShouldBe(second);
        (await ClaimAsync(10)).ShouldHaveSingleItem().SubscriptionId.ShouldBe(third);
        (await ClaimAsync(10)).ShouldBeEmpty();

        Task<List<ClaimedCursor>> ClaimAsync(int limit) => host.Deliveries.ClaimCatchUpAsync(limit, limit, Lease, now, LedgerHost.Token);
    }

    [Theory, BothDatabases]
    public async Task In_catch_up_the_cursors_own_lease_fences(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var shard = await host.AddMarkAsync(feed, head: 9);
        var id = await host.SubscribeAsync(shard, 0, Lane.CatchUp, Birth);
        var lost = (await host.Deliveries.ClaimCatchUpAsync(1, 1, TimeSpan.FromMilliseconds(30), Birth, LedgerHost.Token))
            .ShouldHaveSingleItem();
        ClaimedCursor? held = null;
        await Eventually.ShouldAsync(async () =>
            (held = (await host.Deliveries.ClaimCatchUpAsync(1, 1, Lease, Birth, LedgerHost.Token)).SingleOrDefault()) is not null);

        (await host.Deliveries.RenewCursorsAsync([lost, held!], Lease, LedgerHost.Token)).ShouldBe([false, true]);
        (await CompleteAsync(host, CatchUp(lost, 5))).ShouldBe([false]);
        (await CompleteAsync(host, CatchUp(held!, 3) with { Keep = true, DueAt = Birth })).ShouldBe([true]);
        var kept = await host.CursorAsync(id);
        (kept.Position, kept.LeaseId).ShouldBe((3, held!.LeaseId));
        (await host.Deliveries.ClaimCatchUpAsync(1, 1, Lease, Birth, LedgerHost.Token)).ShouldBeEmpty();

        (await CompleteAsync(host, CatchUp(held, 4) with { DueAt = Birth.AddHours(1), Failures = 2, FailingSince = Birth }))
            .ShouldBe([true]);
        var given = await host.CursorAsync(id);
        (given.Position, given.LeaseId, given.LeasedUntil, given.Failures, given.DueAt).ShouldBe((4, null, null, 2, Birth.AddHours(1)));
    }

    [Theory, BothDatabases]
    public async Task A_batch_that_is_sent_again_after_a_lost_answer_writes_its_attempts_once(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (_, shard) = await ClaimedAsync(host, updates: 2);
        var id = await host.SubscribeAsync(shard.Key);
        var attempt = new Attempt
        {
            Bucket = OpaqueId.BucketOf(shard.Key.FeedId),
            FeedId = shard.Key.FeedId,
            SubscriptionId = id,
            Id = Guid.CreateVersion7(Birth),
            At = Birth.AddMicroseconds(7),
            FromSeq = 1,
            ToSeq = 2,
            Status = 500,
            Milliseconds = 12,
            Bytes = 3456,
            Error = "it said 500",
            Answer = "😀",
            Delivery = Guid.NewGuid(),
            Digest = long.MinValue,
            GapFrom = 3,
            GapTo = 4,
        };

        await host.Deliveries.CompleteAsync(new CompletionBatch([Express(shard, id, 1)], [], [], [attempt]), LedgerHost.Token);
        await host.Deliveries.CompleteAsync(new CompletionBatch([Express(shard, id, 2)], [], [], [attempt]), LedgerHost.Token);

        await using var context = host.Context();
        (await context.Attempts.AsNoTracking().SingleAsync(LedgerHost.Token)).ShouldBeEquivalentTo(attempt);
        (await host.CursorAsync(id)).Position.ShouldBe(2);
    }

    private static async Task<(Feed Feed, ClaimedShard Mark)> ClaimedAsync(LedgerHost host, int updates)
    {
        var feed = await host.OpenFeedAsync();
        await host.AddMarkAsync(feed);
        await host.AppendAsync(feed, [.. Enumerable.Range(0, updates).Select(_ => Update())]);
        return (feed, (await host.Deliveries.ClaimShardsAsync([feed.Id], 16, Lease, LedgerHost.Token)).ShouldHaveSingleItem());
    }

    private static CursorChange Express(ClaimedShard shard, long id, long position) => new()
    {
        Key = shard.Key,
        SubscriptionId = id,
        LeaseId = shard.LeaseId,
        From = Lane.Express,
        To = Lane.Express,
        Position = position,
    };

    private static CursorChange CatchUp(ClaimedCursor cursor, long position) => new()
    {
        Key = cursor.Key,
        SubscriptionId = cursor.SubscriptionId,
        LeaseId = cursor.LeaseId,
        From = Lane.CatchUp,
        To = Lane.CatchUp,
        Position = position,
    };

    private static async Task<bool[]> CompleteAsync(LedgerHost host, params CursorChange[] changes)
    {
        // A batch may contain only one change per cursor, so each change goes in its own batch.
        var results = new List<bool>();
        foreach (var change in changes)
        {
            results.AddRange((await host.Deliveries.CompleteAsync(new CompletionBatch([change], [], [], []), LedgerHost.Token)).Changed);
        }

        return [.. results];
    }

    private static async Task<bool> RejoinAsync(LedgerHost host, CursorChange rejoin) =>
        (await host.Deliveries.CompleteAsync(new CompletionBatch([], [], [rejoin], []), LedgerHost.Token)).Rejoined[0];

    private static async Task SleepAsync(LedgerHost host, ClaimedShard shard, long done) =>
        (await host.Deliveries.CompleteAsync(
            new CompletionBatch([], [new ShardCompletion(shard.Key, shard.LeaseId, done, Birth)], [], []), LedgerHost.Token))
        .Slept.ShouldBe([(ShardCompletionOutcome.Asleep, done)]);
}
