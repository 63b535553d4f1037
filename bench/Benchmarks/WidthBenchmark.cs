using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: a delivery costs the same on a wide feed as on a narrow one.</summary>
internal static class WidthBenchmark
{
    private const double Seconds = 2 * Session.RoundSeconds;

    public static readonly Benchmark Benchmark = new(
        "width", "Width",
        "POSTs a second to 10,000 callbacks of one feed, against 100 of another feed of the same hub. The next update is posted when half "
        + "of the callbacks have the one " +
        "before, so that there is always something to deliver and a POST carries one update or two, at either width. Either begins when "
        + "the hub has written what the other has left.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(session, (population, root) => population.Add(1, 100, root).Add(1, 10_000, root));
        var sides = await session.AlternateAsync(stand, () => RunAsync(1), () => RunAsync(0));
        return [Row.Ratio("10,000 callbacks against 100: POSTs/s", sides[0], sides[1], new Goal(0.8, 1.0), itself: true)];

        async Task<Round> RunAsync(int phone)
        {
            await stand.RestAsync();
            return (await stand.AskAsync<WavesRun>(new RunWaves(phone, 1, 0.5, Seconds))).Round;
        }
    }
}
