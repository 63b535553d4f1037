using ActivityHub.Chaos.Fleet;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>
/// Processes stop and start gracefully under load (design §5: a stop drains). Nothing fails here, so no update may come twice, and a phone
/// that repeats a request to the other address, as a load balancer would, is never refused twice.
/// </summary>
[Collection(OnOneCluster.Name)]
public sealed class NodesTests(SharedCluster shared)
{
    [Fact]
    public async Task A_rolling_restart_of_every_role_and_workers_that_come_and_go_are_seen_by_nobody()
    {
        var cluster = await shared.WholeAsync();
        var run = ChaosRun.Begin(seconds: 0);
        await using var stage = await Stage.SetAsync(run, cluster.Hub.BaseUrl, cluster.Addresses, feeds: 4);
        await Audience.FillAsync(stage, run);

        run.Go();
        using var enough = new CancellationTokenSource();
        var phones = stage.Feeds.SelectMany(feed => new[] { stage.AddPhone(feed, mostRetries: 1), stage.AddPhone(feed, mostRetries: 1) })
            .ToList();
        var writing = Task.WhenAll(phones.Select(phone => phone.WriteUntilAsync(() => enough.IsCancellationRequested)));
        // At any time at most one of the processes that phones write to is down, and at most one of the workers; both restarts run side by
        // side.
        var stops = (await Task.WhenAll(RestartAsync(run, [cluster.Hub, .. cluster.FeedApis]), RestartAndReplaceAsync(run, cluster)))
            .SelectMany(each => each).ToList();

        await enough.CancelAsync();
        await writing;
        await stage.VerifyAsync($"{stops.Count} stops, the longest {stops.Max(stop => stop.Took).TotalSeconds:0.0} s");
        stops.ShouldAllBe(stop => stop.Code == 0);
    }

    private static async Task<IReadOnlyList<Stop>> RestartAsync(ChaosRun run, IEnumerable<HubProcess> processes)
    {
        var stops = new List<Stop>();
        foreach (var process in processes)
        {
            stops.Add(await StopAsync(run, process));
            await process.StartAsync();
            run.Say($"{process.Program} is back");
        }

        return stops;
    }

    // Two workers are added at the end and the first two leave: the cluster has its old size, but consists of other processes.
    private static async Task<IReadOnlyList<Stop>> RestartAndReplaceAsync(ChaosRun run, Cluster cluster)
    {
        var (old, young) = (cluster.Workers.ToList(), new[] { cluster.NewWorker(), cluster.NewWorker() });
        var stops = new List<Stop>(await RestartAsync(run, old));
        cluster.Workers.AddRange(young);
        await Task.WhenAll(young.Select(worker => worker.StartAsync()));
        foreach (var worker in old)
        {
            stops.Add(await StopAsync(run, worker));
            cluster.Workers.Remove(worker);
        }

        return stops;
    }

    private static async Task<Stop> StopAsync(ChaosRun run, HubProcess process)
    {
        var started = TimeProvider.System.GetTimestamp();
        var code = await process.StopAsync();
        var took = TimeProvider.System.GetElapsedTime(started);
        run.Say($"{process.Program} has gone within {took.TotalSeconds:0.0} s");
        return new Stop(code, took);
    }

    private readonly record struct Stop(int Code, TimeSpan Took);
}
