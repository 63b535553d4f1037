using ActivityHub.Ledger.Places;
using ActivityHub.TestKit;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery, Views: Hidden moves the cursor without a POST; not-before never moves it.
public sealed class ViewTests(Hubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_topic_of_some_kinds_gets_those_alone_and_its_cursor_passes_the_others(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(
            host.Default, $"{stage.Hub.BaseUrl}/feeds/{stage.Phone.Feed}.atom?kind=battery,sensor&key={stage.Reader.Key}");

        await stage.PostAsync(1, 3, "geo");
        await stage.UntilExpressAsync(host.Default, 3);
        host.Deliveries.ShouldBeEmpty();
        await stage.PostAsync(4, 4, "battery");
        await host.WaitForAsync(1);
        await stage.PostAsync(5, 5, "geo");
        await stage.PostAsync(6, 6, "sensor");
        await host.WaitForAsync(2);

        host.Deliveries.Numbers().ShouldBe([4, 6]);
        // The topic's own filter hides no part of the grant, so positions are numbers.
        host.Deliveries.Select(delivery => delivery.Header("Hub-Updates")).ShouldBe(["4-4", "6-6"]);
    }

    [Theory, BothDatabases]
    public async Task A_grant_shows_its_stretch_of_received_time_and_its_positions_tell_nothing(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var (past, future, over) = (host.At("/past"), host.At("/future"), host.At("/over"));
        await stage.SubscribeAsync(past, await stage.GiveAsync(grant => grant.Show(now.AddDays(-1))));
        await stage.SubscribeAsync(future, await stage.GiveAsync(grant => grant.Show(now.AddDays(1))));
        await stage.SubscribeAsync(over, await stage.GiveAsync(grant => grant.Show(null, now.AddDays(-1))));

        await stage.PostAsync(1, 2);

        var delivery = (await past.WaitForAsync(1))[0];
        delivery.Numbers().ShouldBe([1, 2]);
        // "from-to" with two opaque tokens of 22 characters each.
        delivery.Header("Hub-Updates")!.Length.ShouldBe(45);
        delivery.Text.ShouldNotContain("\"seq\":1");
        await stage.UntilExpressAsync(future, 2);
        await stage.UntilExpressAsync(over, 2);
        future.Deliveries.ShouldBeEmpty();
        over.Deliveries.ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task A_view_of_some_kinds_is_never_told_of_the_others(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var atom = await stage.GiveAsync(grant => grant.Limit("battery", Precision.Exact));
        await stage.SubscribeAsync(host.Default, atom.Replace(".atom", ".json", StringComparison.Ordinal));

        await stage.PostAsync(1, 3, "geo");
        await stage.PostAsync(4, 4, "battery");

        (await host.WaitForAsync(1))[0].Numbers().ShouldBe([4]);
        await stage.UntilExpressAsync(host.Default, 4);
        host.Deliveries.Count.ShouldBe(1);
    }

    // "not-before never moves it: the subscription leaves express, due at T."
    [Theory, BothDatabases]
    public async Task A_delayed_view_gets_each_update_in_order_once_its_time_has_come(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        var (delayed, direct) = (host.At("/delayed"), host.At("/direct"));
        await stage.SubscribeAsync(delayed, await stage.GiveAsync(grant => grant.Show(null, delaySeconds: 600)));
        await stage.SubscribeAsync(direct);
        var first = clock.GetUtcNow();

        await stage.PostAsync(1, 2);
        await direct.WaitForAsync(1);
        await stage.UntilAsync(delayed, one => one.Lane == "catchUp" && one.NextAttempt > first.AddSeconds(599));
        (await stage.SeeAsync(delayed)).Cursor.ShouldBe("0");
        clock.Advance(TimeSpan.FromSeconds(300));
        await stage.PostAsync(3, 3);
        await direct.WaitUntilAsync(all => all.HaveUpTo(3));
        clock.Advance(TimeSpan.FromSeconds(299));
        await stage.PostAsync(4, 4);
        await direct.WaitUntilAsync(all => all.HaveUpTo(4));
        delayed.Deliveries.ShouldBeEmpty();

        clock.Advance(TimeSpan.FromSeconds(2));
        (await delayed.WaitForAsync(1))[0].Numbers().ShouldBe([1, 2]);
        await stage.UntilAsync(delayed, one => one.Cursor == "2" && one.NextAttempt > first.AddSeconds(899));
        clock.Advance(TimeSpan.FromSeconds(300));
        (await delayed.WaitForAsync(2))[1].Numbers().ShouldBe([3]);
        clock.Advance(TimeSpan.FromSeconds(300));
        (await delayed.WaitForAsync(3))[2].Numbers().ShouldBe([4]);
    }
}
