using ActivityHub.Chaos.Fleet;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>Processes wake each other by NOTIFY. If its connection is cut, the polling finds the work within two seconds.</summary>
[Collection(OnOneCluster.Name)]
public sealed class ListenerTests(SharedCluster shared)
{
    /// <summary>docs/architecture.md, Rules of delivery: no update waits longer than this.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <summary>Tolerance for a busy machine. Without the poll the wait would be endless.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    /// <summary>Half of the average delay with the poll alone.</summary>
    private static readonly TimeSpan Woken = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Updates_wake_workers_in_other_processes_and_a_listener_that_is_cut_leaves_nothing_behind()
    {
        var cluster = await shared.WholeAsync();
        var run = ChaosRun.Begin(seconds: 3);
        await using var stage = await Stage.SetAsync(run, cluster.Hub.BaseUrl, cluster.Addresses, feeds: 8);
        var subscribers = await Task.WhenAll(
            stage.Feeds.Select((feed, index) => stage.SubscribeAsync(feed, stage.Good.At($"/{index}"), secret: "s")));
        var lines = subscribers.Select(subscriber => (subscriber.Callback, Phone: stage.AddPhone(subscriber.Feed, mostRetries: 20)))
            .ToList();
        await DelaysAsync(lines, rounds: 1);
        await stage.NobodyIsBehindAsync();

        Median(await DelaysAsync(lines, rounds: 5)).ShouldBeLessThan(Woken, $"woken by NOTIFY, seed {run.Seed}");

        // One cut: some processes listen again after a second, but no process receives the signals that come right now.
        (await cluster.Postgres.KillListenersAsync()).ShouldBe(cluster.All.Count);
        var after = await DelaysAsync(lines, rounds: 1);
        after.Max().ShouldBeLessThan(Poll + Slack, $"after a cut, seed {run.Seed}");

        // Connections are cut again as soon as a process listens, so only the poll is left.
        run.Go();
        using var enough = new CancellationTokenSource();
        var cutting = CutAsync(cluster, enough.Token);
        var without = new List<TimeSpan>();
        while (!run.IsOver)
        {
            without.AddRange(await DelaysAsync(lines, rounds: 1));
        }

        await enough.CancelAsync();
        without.Max().ShouldBeLessThan(Poll + Slack, $"without listeners, seed {run.Seed}");

        await Eventually.ShouldAsync(async () => await cluster.Postgres.CountListenersAsync() == cluster.All.Count, Stage.Patience);
        Median(await DelaysAsync(lines, rounds: 3)).ShouldBeLessThan(Woken, $"woken again, seed {run.Seed}");
        await stage.VerifyAsync($"{1 + await cutting} cuts, the longest way {after.Concat(without).Max().TotalMilliseconds:0} ms");
    }

    private static async Task<int> CutAsync(Cluster cluster, CancellationToken enough)
    {
        var cuts = 0;
        while (!enough.IsCancellationRequested)
        {
            cuts += await cluster.Postgres.KillListenersAsync() > 0 ? 1 : 0;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, enough)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return cuts;
    }

    // Measures the delay from the phone's 2xx to the callback, with one update per feed and round.
    private static async Task<IReadOnlyList<TimeSpan>> DelaysAsync(IReadOnlyList<(CallbackPath Callback, Phone Phone)> lines, int rounds)
    {
        var delays = new List<TimeSpan>();
        for (var round = 0; round < rounds; round++)
        {
            delays.AddRange(await Task.WhenAll(lines.Select(async line =>
            {
                var before = line.Callback.Deliveries.Count;
                await line.Phone.SendAsync(1);
                var acknowledged = TimeProvider.System.GetUtcNow();
                return (await line.Callback.WaitForAsync(before + 1, Stage.Patience))[^1].At - acknowledged;
            })));
        }

        return delays;
    }

    private static TimeSpan Median(IReadOnlyList<TimeSpan> delays) => delays.Order().ElementAt(delays.Count / 2);
}
