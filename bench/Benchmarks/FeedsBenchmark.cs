using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: an append costs the same among many feeds as among few.</summary>
internal static class FeedsBenchmark
{
    private const int Many = 100_000;
    private const int Few = 100;
    private const int Connections = 64;

    public static readonly Benchmark Benchmark = new(
        "feeds", "Many feeds",
        "Updates a second, one a request over 64 connections, in turn to 100,000 feeds of one hub, against 100 feeds of another. Every "
        + "phone has posted once before; what " +
        "that took is the second row: each of its requests is the first that the hub hears of a key.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var many = await Stand.BuildAsync(session, (population, root) => population.Add(Many, 0, root));
        await using var few = await Stand.BuildAsync(session, (population, root) => population.Add(Few, 0, root));
        var first = await many.AskAsync<FlatRun>(new WriteFlat(0, Many, Connections, Hundreds: false, Seconds: 150, Requests: Many));
        var sides = await session.AlternateAsync(many, () => few.Hub.Usage.Cpu, [() => WriteAsync(many, Many), () => WriteAsync(few, Few)]);
        return
        [
            Row.Ratio("100,000 feeds against 100: updates/s", sides[0], sides[1], new Goal(0.8, 1.0)),
            Row.Info("… the first update of each: updates/s", new Side([Figure.Of(first.Round.Figures)], Spent.Nothing)),
        ];
    }

    private static async Task<Round> WriteAsync(Stand stand, int feeds) =>
        (await stand.AskAsync<FlatRun>(new WriteFlat(0, feeds, Connections, Hundreds: false, Session.RoundSeconds))).Round;
}
