using ActivityHub.TestKit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>Kills processes at random moments, also during their start, and starts them again.</summary>
internal sealed class Gremlin(ChaosRun run, Random dice)
{
    public int Kills { get; private set; }

    /// <summary>
    /// Runs until the run is over and each process was killed at least twice; then all of them run. Each process is killed independently of
    /// the others.
    /// </summary>
    public Task RunAsync(params IReadOnlyList<HubProcess> processes)
    {
        var seeds = processes.Select(_ => new Random(dice.Next())).ToList();
        return Task.WhenAll(processes.Select((process, index) => TormentAsync(process, seeds[index])));
    }

    private async Task TormentAsync(HubProcess process, Random own)
    {
        for (var kills = 0; kills < 2 || !run.IsOver; kills++)
        {
            await DelayAsync(own, 300, 3000);
            await KillAsync(process);
            await DelayAsync(own, 0, 500);
            if (own.Next(4) == 0)
            {
                // Kills the process while it starts.
                var starting = process.StartAsync();
                await DelayAsync(own, 100, 1500);
                await KillAsync(process);
                await starting.ContinueWith(
                    started => started.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            await process.StartAsync();
        }
    }

    private async Task KillAsync(HubProcess process)
    {
        var before = TimeProvider.System.GetUtcNow();
        await process.KillAsync();
        run.Disturbances.Add(before, TimeProvider.System.GetUtcNow());
        lock (run)
        {
            Kills++;
        }

        run.Say($"killed {process.Program}");
    }

    private static Task DelayAsync(Random dice, int from, int to) => ChaosRun.PassAsync(TimeSpan.FromMilliseconds(dice.Next(from, to)));
}
