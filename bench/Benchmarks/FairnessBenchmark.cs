using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Measures that a subscription is not delayed by failing subscriptions or by a large feed.</summary>
internal static class FairnessBenchmark
{
    private const int Feeds = 100;
    private const int CallbacksEach = 100;
    private const int TroubledEach = CallbacksEach / 10;
    private const int Wide = Feeds;
    private const int Quiet = Feeds + 1;
    private const double CalmSeconds = 7;
    private const double TroubledSeconds = 14;

    public static readonly Benchmark Benchmark = new(
        "fairness", "Fairness",
        "Milliseconds from the phone's POST to the callback. Above: 100 feeds with 100 callbacks each on 1,000 hosts, 15 updates a second "
        + "in turn; the 8,000 others' p99 " +
        "while 1,000 callbacks hang and 1,000 answer 500, from their first trouble on, against a run in which those behave. Below: a feed "
        + "with one callback, 50 updates a second, " +
        "while another with 10,000 callbacks gets 20 updates at a time, every 3 s, against a run without.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(
            session, (population, root) => population.Add(Feeds, CallbacksEach, root).Add(1, 10_000, root).Add(1, 1, root));
        var burst = await (session with { Rounds = Math.Min(3, session.Rounds), WarmUps = 1 }).AlternateAsync(
            stand,
            () => RunAsync(new KeepPace(Quiet, 1, 50, 3)),
            () => RunAsync(new KeepPace(Quiet, 1, 50, 3, BurstPhone: Wide)));
        // No warm-up pass: the first failures are measured.
        await RunAsync(new KeepPace(0, Feeds, 15, CalmSeconds, TroubledEach));
        var trouble = await (session with { Rounds = 1, WarmUps = 0 }).AlternateAsync(
            stand,
            () => RunAsync(new KeepPace(0, Feeds, 15, CalmSeconds, TroubledEach)),
            () => RunAsync(new KeepPace(0, Feeds, 15, TroubledSeconds, TroubledEach, Troubled: true)));
        return
        [
            Row.Ratio("8,000 beside 2,000 in trouble: p99, ms", trouble[1], trouble[0], new Goal(2, null, Lower: true), figure: 1),
            Row.Info("… p50, ms", trouble[1], trouble[0]),
            Row.Difference(
                "one beside a burst on 10,000: p99, ms", burst[1], burst[0], new Goal(100, null, Lower: true, Ratio: false, Unit: "ms"),
                figure: 1),
            Row.Info("… p50, ms", burst[1], burst[0]),
        ];

        async Task<Round> RunAsync(KeepPace asked)
        {
            await stand.RestAsync();
            return (await stand.AskAsync<Latencies>(asked)).Round;
        }
    }
}
