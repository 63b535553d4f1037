using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, What always holds: a stop drains: no new claims, in-flight POSTs get 10 s, the next process continues unfinished
// work.
public sealed class StopTests
{
    [Theory, BothDatabases]
    public async Task A_POST_that_is_on_its_way_at_a_stop_is_ended_and_not_repeated_after_the_next_start(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (first, second) = (host.At("/first"), host.At("/second"));
        var released = new TaskCompletionSource();
        first.Answers(CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        // The POST to the second callback is in progress in the catch-up lane.
        second.Answers(HttpStatusCode.BadGateway, CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        await stage.SubscribeAsync(first);
        await stage.SubscribeAsync(second);
        await stage.PostAsync(1, 1);
        await first.WaitForAsync(1);
        await second.WaitForAsync(2);

        var stopping = stage.Hub.StopAsync();
        released.SetResult();
        await stopping;
        await stage.Hub.StartAsync();
        await stage.PostAsync(2, 2);

        await first.WaitUntilAsync(all => all.HaveUpTo(2));
        await second.WaitUntilAsync(all => all.HaveUpTo(2));
        first.Deliveries.Numbers().ShouldBe([1, 2]);
        second.Deliveries.Numbers().ShouldBe([1, 1, 2]);
    }

    [Theory, BothDatabases]
    public async Task A_fan_out_that_a_stop_has_cut_in_two_goes_on_after_the_next_start(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:MaxUpdates"] = "5");
        await using var host = await CallbackListener.StartAsync();
        var paths = Enumerable.Range(0, 8).Select(
            number => host.At($"/{number}").Answers(CallbackReply.After(TimeSpan.FromMilliseconds(30)))).ToList();
        await Task.WhenAll(paths.Select(path => stage.SubscribeAsync(path)));
        await stage.PostAsync(1, 200);
        await paths[0].WaitForAsync(4);

        await stage.Hub.RestartAsync();
        var atStop = paths.Select(path => path.Deliveries.Count).ToList();
        await stage.PostAsync(201, 201);

        foreach (var path in paths)
        {
            await path.WaitUntilAsync(all => all.HaveUpTo(201), TimeSpan.FromSeconds(20));
            path.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, 201));
        }

        atStop.Min().ShouldBeLessThan(41);
    }

    // If the stop cut off a claim, no process would know that its rows are claimed, and they would wait for a whole lease: 30 s.
    [Theory, BothDatabases]
    public async Task Nothing_waits_for_a_lease_after_stops_in_the_midst_of_claims(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var paths = Enumerable.Range(0, 10).Select(number => host.At($"/{number}")).ToList();
        foreach (var path in paths)
        {
            await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, path.Url);
        }

        for (var round = 1; round <= 4; round++)
        {
            await stage.PostAsync(round, round);
            await stage.Hub.RestartAsync();
        }

        foreach (var path in paths)
        {
            await path.WaitUntilAsync(all => all.HaveUpTo(4));
            path.Deliveries.Numbers().ShouldBe([1, 2, 3, 4]);
            await stage.UntilExpressAsync(path, 4);
        }
    }
}
