using ActivityHub.Chaos.Fleet;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>
/// A worker stands still for longer than its lease and then continues. Another worker holds its shards by then, and the fencing token
/// rejects its writes in the database.
/// </summary>
[Collection(OnOneCluster.Name)]
public sealed class PauseTests(SharedCluster shared)
{
    private static readonly TimeSpan BeyondTheLease = Cluster.Lease + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_worker_that_wakes_after_its_lease_neither_posts_nor_moves_a_cursor_of_what_is_anothers()
    {
        var cluster = await shared.WholeAsync();
        var run = ChaosRun.Begin(seconds: 0);
        var (sleeper, other) = (cluster.Workers[0], cluster.Workers[1]);
        await using var stage = await Stage.SetAsync(run, cluster.Hub.BaseUrl, cluster.Addresses, feeds: 4);
        var subscribers = await Task.WhenAll(stage.Feeds.SelectMany((feed, index) => Enumerable.Range(0, 3).Select(async each =>
            await stage.SubscribeAsync(feed, stage.Good.At($"/{index}/{each}"), secret: "s"))));
        var phones = stage.Feeds.Select(feed => stage.AddPhone(feed, mostRetries: 20)).ToList();
        // All subscriptions are idle in the express lane before one of the two workers is stopped.
        await Task.WhenAll(phones.Select(phone => phone.SendAsync(1)));
        await Task.WhenAll(subscribers.Select(one => one.Callback.WaitForAsync(1, Stage.Patience)));
        await stage.NobodyIsBehindAsync();
        await other.StopAsync();

        // The paused worker's POSTs are on the way when it stops; their answers come while it is paused, or never.
        var released = new TaskCompletionSource();
        for (var i = 0; i < subscribers.Length; i++)
        {
            subscribers[i].Callback.Answers(
                i % 2 == 0 ? CallbackReply.HangUntil(released.Task) : CallbackReply.Hang,
                CallbackReply.After(TimeSpan.FromMilliseconds(3)));
        }

        await Task.WhenAll(phones.Select(phone => phone.SendAsync(1)));
        await Task.WhenAll(subscribers.Select(one => one.Callback.WaitForAsync(2, Stage.Patience)));
        var asleep = TimeProvider.System.GetUtcNow();
        await sleeper.PauseAsync();
        released.SetResult();
        await other.StartAsync();
        await Task.WhenAll(phones.Select(phone => phone.SendAsync(3)));
        await Task.WhenAll(subscribers.Select(one => one.Callback.WaitForAsync(3, Stage.Patience)));
        await stage.NobodyIsBehindAsync();
        var soFar = subscribers.Select(one => one.Callback.Deliveries.Count).ToList();

        await sleeper.ResumeAsync();
        run.Disturbances.Add(asleep, TimeProvider.System.GetUtcNow());
        (await sleeper.IsReadyAsync()).ShouldBeTrue();
        await Task.WhenAll(phones.Select(phone => phone.SendAsync(1)));
        await stage.VerifyAsync("1 pause");

        // One POST each for the last update, and none for updates that the other worker has already delivered.
        subscribers.Select(one => one.Callback.Deliveries.Count).ShouldBe(soFar.Select(count => count + 1));
        (await stage.StatesAsync()).ShouldAllBe(seen => seen.Lane == "express");
    }

    [Fact]
    public async Task Workers_that_fall_asleep_beyond_their_lease_under_load_mix_up_nothing()
    {
        var cluster = await shared.WholeAsync();
        var run = ChaosRun.Begin(seconds: 12);
        await using var stage = await Stage.SetAsync(run, cluster.Hub.BaseUrl, cluster.Addresses, feeds: 4);
        await Audience.FillAsync(stage, run);

        run.Go();
        var writing = Task.WhenAll(stage.Feeds.Select(feed => stage.AddPhone(feed).WriteUntilAsync(() => run.IsOver)));
        var dice = run.Dice("sleep");
        var pauses = 0;
        for (; !run.IsOver; pauses++)
        {
            var worker = cluster.Workers[dice.Next(cluster.Workers.Count)];
            var asleep = TimeProvider.System.GetUtcNow();
            await worker.PauseAsync();
            // Sometimes the worker wakes while it still holds its leases.
            await ChaosRun.PassAsync(dice.Next(3) == 0 ? Cluster.Lease * dice.NextDouble() : BeyondTheLease);
            await worker.ResumeAsync();
            run.Disturbances.Add(asleep, TimeProvider.System.GetUtcNow());
            await ChaosRun.PassAsync(TimeSpan.FromSeconds(dice.NextDouble()));
        }

        await writing;
        await stage.VerifyAsync($"{pauses} pauses");
        stage.Bad.At(BadCallbacks.Trap).Requests.ShouldBeEmpty();
    }
}
