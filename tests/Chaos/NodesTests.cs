using ActivityHub.Chaos.Fleet;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>
/// Processes come and go in good order, under load (design §5: a stop drains). Nothing is broken here: so nothing may come twice, and a phone
/// that sends once more, to the other address, as a balancer would, is never refused twice.
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
        var phones = stage.Feeds.SelectMany(feed => new[] { stage.AddPhone(feed, mostRetries: 1), stage.AddPhone(feed, mostRetries: 1) }).ToList();
        var writing = Task.WhenAll(phones.Select(phone => phone.WriteUntilAsync(() => enough.IsCancellationRequested)));
        var codes = new List<int>();
        foreach (var process in cluster.All)
        {
            run.Say($"restarting {process.Program}");
            codes.Add(await process.StopAsync());
            await process.StartAsync();
        }

        // Two more, and the first two go: the cluster is as large as before, and of other processes.
        var (old, young) = (cluster.Workers.ToList(), new[] { cluster.NewWorker(), cluster.NewWorker() });
        cluster.Workers.AddRange(young);
        await Task.WhenAll(young.Select(worker => worker.StartAsync()));
        foreach (var worker in old)
        {
            run.Say("a worker goes");
            codes.Add(await worker.StopAsync());
            cluster.Workers.Remove(worker);
        }

        await enough.CancelAsync();
        await writing;
        await stage.VerifyAsync($"{codes.Count} stops");
        codes.ShouldAllBe(code => code == 0);
    }
}
