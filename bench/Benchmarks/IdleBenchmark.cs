using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: idle subscriptions cost next to nothing.</summary>
internal static class IdleBenchmark
{
    private const int Subscriptions = 100_000;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static readonly Benchmark Benchmark = new(
        "idle", "Idle subscriptions",
        "Memory (MB resident) of a hub that was started on 100,000 feeds with a subscription each and left alone for 10 s, against one "
        + "that has none; and what either " +
        "used of the processor in those 10 s, beside the database server's where it is another process.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var full = await Stand.BuildAsync(
            session, (population, root) => population.Add(Subscriptions, 1, root), started: false);
        await using var empty = await Stand.BuildAsync(session, (_, _) => { }, started: false);
        var (withAll, withNone) = (new List<double[]>(), new List<double[]>());
        Spent spent = Spent.Nothing;
        // Each measurement takes ten seconds, so there are at most two rounds.
        for (var round = 0; round < Math.Min(2, session.Rounds); round++)
        {
            withNone.Add((await WatchAsync(empty, session)).Figures);
            (var figures, spent) = await WatchAsync(full, session);
            withAll.Add(figures);
        }

        var (ours, none) = (SideOf(withAll, spent), SideOf(withNone, Spent.Nothing));
        return
        [
            Row.Difference("memory, MB", ours, none, new Goal(50, 10, Lower: true, Ratio: false, Unit: "MB")),
            Row.Info("processor of the hub in 10 s, s", ours, none, figure: 1),
            .. session.Server is null ? Array.Empty<Row>() : [Row.Info("processor of the server in 10 s, s", ours, none, figure: 2)],
        ];
    }

    private static async Task<(double[] Figures, Spent Spent)> WatchAsync(Stand stand, Session session)
    {
        await stand.Hub.StartAsync();
        var (hub, server) = (stand.Hub.Usage, stand.Server?.ProcessorTime);
        await Task.Delay(Idle, TimeProvider.System, session.Stop);
        var after = stand.Hub.Usage;
        var serverUsed = stand.Server?.ProcessorTime - server;
        var hubUsed = after.Cpu - hub.Cpu;
        await stand.Hub.KillAsync();
        return ([after.Resident / 1e6, hubUsed.TotalSeconds,
            serverUsed?.TotalSeconds ?? 0], new Spent(hubUsed, serverUsed, null, after.Peak, 0));
    }

    private static Side SideOf(List<double[]> rounds, Spent spent) =>
        new([.. Enumerable.Range(0, 3).Select(figure => Figure.Of(rounds.Select(round => round[figure])))], spent);
}
