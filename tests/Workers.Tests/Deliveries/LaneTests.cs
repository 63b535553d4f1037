using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Deliveries.Express;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery, Two lanes, and Per host.
public sealed class LaneTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_slow_callback_leaves_the_express_lane_catches_up_and_rejoins_it(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:SlowAfter"] = "00:00:00.15");
        await using var host = await CallbackListener.StartAsync();
        var (slow, quick) = (host.At("/slow"), host.At("/quick"));
        var released = new TaskCompletionSource();
        slow.Answers(CallbackReply.After(TimeSpan.FromMilliseconds(200)), CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        await stage.SubscribeAsync(slow);
        await stage.SubscribeAsync(quick);
        await stage.UntilExpressAsync(slow);
        await stage.UntilExpressAsync(quick);

        // The second update comes while the first is being delivered, so the slow callback is behind when its POST has ended.
        await stage.PostAsync(1, 1);
        await slow.WaitForAsync(1);
        await stage.PostAsync(2, 2);
        await slow.WaitForAsync(2);
        await stage.UntilAsync(slow, one => one.Lane == "catchUp");
        await quick.WaitUntilAsync(all => all.HaveUpTo(2));
        await stage.PostAsync(3, 3);
        await quick.WaitUntilAsync(all => all.HaveUpTo(3));
        slow.Deliveries.Count.ShouldBe(2);
        released.SetResult();

        await stage.UntilExpressAsync(slow, 3);
        await stage.PostAsync(4, 4);
        await slow.WaitUntilAsync(all => all.HaveUpTo(4));
        await quick.WaitUntilAsync(all => all.HaveUpTo(4));
        slow.Deliveries.Numbers().ShouldBe([1, 2, 3, 4]);
        quick.Deliveries.Numbers().ShouldBe([1, 2, 3, 4]);
        await NobodyLagsAsync(stage);
    }

    // "a bulkhead (32 in flight, configurable; catch-up gets at most half)": a host that hangs takes only its own slots.
    [Theory, BothDatabases]
    public async Task A_host_that_hangs_holds_no_more_than_its_slots_and_keeps_nobody_else_waiting(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Settings["Deliveries:Timeout"] = "00:00:01";
            options.Settings["Deliveries:PerHost"] = "4";
            options.Settings["Deliveries:InFlight"] = "6";
            options.Settings["Deliveries:SlowAfter"] = "00:00:00.1";
        });
        await using var hanging = await CallbackListener.StartAsync();
        await using var healthy = await CallbackListener.StartAsync();
        var stuck = Enumerable.Range(0, 8).Select(number => hanging.At($"/{number}").Answers(CallbackReply.Hang, HttpStatusCode.NoContent))
            .ToList();
        await Task.WhenAll(stuck.Select(path => stage.SubscribeAsync(path)));
        await stage.SubscribeAsync(healthy.Default);
        foreach (var path in stuck.Append(healthy.Default))
        {
            await stage.UntilExpressAsync(path);
        }

        for (var number = 1; number <= 10; number++)
        {
            await stage.PostAsync(number, number);
            await healthy.WaitUntilAsync(all => all.HaveUpTo(number));
        }

        hanging.MostAtOnce.ShouldBeLessThanOrEqualTo(4 + 1);
        foreach (var path in stuck)
        {
            await path.WaitUntilAsync(all => all.Count(request => request.IsDelivery) >= 2 && all.HaveUpTo(10), TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>"A sweep for idle express rows with cursor &lt; done is the guarantee, and tests hold its finds at 0."</summary>
    internal static async Task NobodyLagsAsync(Stage stage)
    {
        stage.Hub.Services.GetRequiredService<ExpressLane>().Rescued.ShouldBe(0);
        (await stage.Hub.Services.GetRequiredService<IDeliveryLedger>().RescueAsync(0, 255, TimeProvider.System.GetUtcNow(), Cancel))
            .ShouldBe(0);
    }
}
