using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: where a subscription starts (hub.after), and how it learns that it missed updates (Hub-Gap).
public sealed class PlaceTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_new_subscription_starts_now_or_after_the_position_that_it_names(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (now, after, all) = (host.At("/now"), host.At("/after"), host.At("/all"));
        await stage.PostAsync(1, 120);
        await stage.SubscribeAsync(now);
        await stage.SubscribeAsync(after, after: "118");
        await stage.SubscribeAsync(all, after: "0");

        await after.WaitUntilAsync(requests => requests.HaveUpTo(120));
        await all.WaitUntilAsync(requests => requests.HaveUpTo(120));
        await stage.UntilExpressAsync(after, 120);
        await stage.UntilExpressAsync(all, 120);
        await stage.PostAsync(121, 121);

        await Task.WhenAll(new[] { now, after, all }.Select(path => path.WaitUntilAsync(requests => requests.HaveUpTo(121))));
        now.Deliveries.Numbers().ShouldBe([121]);
        after.Deliveries.Numbers().ShouldBe([119, 120, 121]);
        all.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, 121));
        all.Deliveries.ShouldAllBe(delivery => delivery.Header("Hub-Gap") == null);
    }

    // "or after hub.after (beyond head or overtaken: a gap)"
    [Theory, BothDatabases]
    public async Task Who_names_a_position_beyond_the_head_is_told_of_the_gap(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 3);
        await stage.SubscribeAsync(host.Default, after: "40");
        await stage.UntilExpressAsync(host.Default, 3);

        await stage.PostAsync(4, 4);
        await host.WaitUntilAsync(all => all.HaveUpTo(4));
        await stage.PostAsync(5, 5);
        await host.WaitUntilAsync(all => all.HaveUpTo(5));

        host.Deliveries.Numbers().ShouldBe([4, 5]);
        host.Deliveries.Select(delivery => delivery.Header("Hub-Gap")).ShouldBe(["4-40", null]);
    }

    // "Retention … never waits for a cursor. If it has overtaken one …: jump, record the gap, say it in the next POST (Hub-Gap)."
    [Theory, BothDatabases]
    public async Task Who_was_overtaken_by_retention_goes_on_with_what_is_there_and_is_told_of_the_gap(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.AnsweringAsync(
            System.Net.HttpStatusCode.BadGateway, System.Net.HttpStatusCode.NoContent);
        await stage.SubscribeAsync(host.Default, lease: 2_592_000);
        await stage.WriteAsync(context => context.Feeds.Where(feed => feed.Id == stage.FeedId)
            .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.RetentionDays, 1), Cancel));
        await stage.PostAsync(1, 10);
        await host.WaitForAsync(1);
        // The callback is tried again only when the clock moves; by then retention has run.
        await stage.UntilAsync(host.Default, one => one.LastStatus == 502);
        await stage.WriteAsync(context => context.Cursors.Where(cursor => cursor.FeedId == stage.FeedId)
            .ExecuteUpdateAsync(set => set.SetProperty(cursor => cursor.DueAt, clock.GetUtcNow().AddDays(2)), Cancel));
        clock.Leap(TimeSpan.FromDays(1.5));
        await stage.PostAsync(11, 12);

        (await stage.Hub.Services.GetRequiredService<UpdateRetention>().RunOnceAsync(Cancel)).ShouldBe(10);
        clock.Leap(TimeSpan.FromDays(0.6));

        await host.WaitUntilAsync(all => all.HaveUpTo(12));
        await stage.UntilExpressAsync(host.Default, 12);
        await stage.PostAsync(13, 13);
        await host.WaitUntilAsync(all => all.HaveUpTo(13));
        host.Deliveries.Skip(1).Numbers().ShouldBe([11, 12, 13]);
        host.Deliveries.Select(delivery => delivery.Header("Hub-Gap")).ShouldBe([null, "1-10", null]);
    }

    // "a renewal … keeps the cursor unless hub.after is given."
    [Theory, BothDatabases]
    public async Task A_renewal_keeps_its_place_unless_it_names_another(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 4);
        await stage.UntilExpressAsync(host.Default, 4);
        var before = await stage.SeeAsync(host.Default);

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        await host.WaitForVerificationAsync(2);
        await stage.PostAsync(5, 5);
        await host.WaitUntilAsync(all => all.HaveUpTo(5));
        host.Deliveries.Numbers().ShouldBe([1, 2, 3, 4, 5]);
        await stage.UntilExpressAsync(host.Default, 5);

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(), after: "2");
        // The worker that held the cursor is fenced off; no worker takes the cursor before a POST of the old holder must have ended.
        await stage.UntilAsync(host.Default, one => one.Cursor == "2");
        clock.Advance(TimeSpan.FromSeconds(15));
        await stage.UntilExpressAsync(host.Default, 5);
        host.Deliveries[^1].Numbers().ShouldBe([3, 4, 5]);
        (await stage.SeeAsync(host.Default)).Id.ShouldBe(before.Id);
    }
}
