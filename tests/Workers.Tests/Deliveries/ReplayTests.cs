using System.Net;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: Replay is a row that the lease holder applies between two POSTs.
public sealed class ReplayTests(Hubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_replay_sends_again_what_follows_the_place_and_then_goes_on(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var seen = await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 6);
        await stage.UntilExpressAsync(host.Default, 6);
        var before = host.Deliveries.Count;

        await ReplayAsync(stage, seen, after: 3);
        await host.WaitForAsync(before + 1);
        await stage.UntilExpressAsync(host.Default, 6);
        await stage.PostAsync(7, 7);
        await stage.UntilExpressAsync(host.Default, 7);

        host.Deliveries.Skip(before).Numbers().ShouldBe([4, 5, 6, 7]);
        (await stage.ReadAsync(context => context.Cursors.SingleAsync(row => row.FeedId == stage.FeedId))).ReplayAfter.ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task A_replay_that_is_asked_for_while_a_post_is_on_its_way_waits_for_its_end(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var released = new TaskCompletionSource();
        host.Answers(CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        var seen = await stage.SubscribeAsync(host.Default);
        await stage.UntilExpressAsync(host.Default);
        await stage.PostAsync(1, 2);
        await host.WaitForAsync(1);

        await ReplayAsync(stage, seen, after: 0);
        await stage.PostAsync(3, 3);
        host.Deliveries.Count.ShouldBe(1);
        released.SetResult();
        await stage.UntilExpressAsync(host.Default, 3);

        host.Deliveries.Skip(1).Numbers().ShouldBe([1, 2, 3]);
    }

    // A subscriber that loses the updates again during the replay requests the same replay once more.
    [Theory, BothDatabases]
    public async Task The_same_replay_asked_for_while_the_first_is_under_way_begins_once_more(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:MaxUpdates"] = "2");
        await using var host = await CallbackListener.StartAsync();
        var seen = await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 4);
        await stage.UntilExpressAsync(host.Default, 4);
        var before = host.Deliveries.Count;
        var released = new TaskCompletionSource();
        host.Answers(HttpStatusCode.NoContent, CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);

        await ReplayAsync(stage, seen, after: 0);
        await host.WaitForAsync(before + 2);
        await ReplayAsync(stage, seen, after: 0);
        released.SetResult();
        await host.WaitForAsync(before + 4);
        await stage.UntilExpressAsync(host.Default, 4);

        host.Deliveries.Skip(before).Numbers().ShouldBe([1, 2, 3, 4, 1, 2, 3, 4]);
    }

    // "At least once": a subscriber that accepted the replay but answered too late gets it twice.
    [Theory, BothDatabases]
    public async Task A_replay_whose_answer_comes_too_late_is_sent_once_more(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:Timeout"] = "00:00:00.5");
        await using var host = await CallbackListener.StartAsync();
        var seen = await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 2);
        await stage.UntilExpressAsync(host.Default, 2);
        var before = host.Deliveries.Count;
        host.Answers(CallbackReply.Hang, HttpStatusCode.NoContent);

        await ReplayAsync(stage, seen, after: 0);
        await host.WaitForAsync(before + 2);
        await stage.UntilExpressAsync(host.Default, 2);

        host.Deliveries.Skip(before).Numbers().ShouldBe([1, 2, 1, 2]);
        (await stage.Owner.AttemptsAsync(seen.Id)).Take(2).Select(attempt => attempt.Status).ShouldBe([204, null]);
    }

    [Theory, BothDatabases]
    public async Task A_replay_of_what_retention_has_taken_starts_with_what_is_left_and_tells_the_gap(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var seen = await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 5);
        await stage.UntilExpressAsync(host.Default, 5);
        await stage.WriteAsync(async context =>
        {
            await context.Feeds.Where(feed => feed.Id == stage.FeedId).ExecuteUpdateAsync(set => set.SetProperty(feed => feed.Pruned, 3));
            await context.Updates.Where(update => update.FeedId == stage.FeedId && update.Seq <= 3).ExecuteDeleteAsync();
        });
        var before = host.Deliveries.Count;

        await ReplayAsync(stage, seen, after: 1);
        await host.WaitForAsync(before + 1);

        host.Deliveries[before].Numbers().ShouldBe([4, 5]);
        host.Deliveries[before].Header("Hub-Gap").ShouldBe("2-3");
    }

    private static async Task ReplayAsync(Stage stage, SubscriptionSeen seen, long after)
    {
        var id = OpaqueId.TryParse(seen.Id, out var parsed) ? parsed : throw new InvalidOperationException(seen.Id);
        await stage.WriteAsync(context => context.AskAsync(stage.FeedId, id, CursorCommand.Replay(after), TimeProvider.System.GetUtcNow()));
        stage.Hub.Services.GetRequiredService<LedgerSignals>().Raise(new Signal(SignalKind.Subscriptions, stage.FeedId));
    }
}
