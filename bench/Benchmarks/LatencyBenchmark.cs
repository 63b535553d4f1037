using System.Diagnostics;
using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;
using ActivityHub.Bench.Yardsticks;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: the time from the phone's POST to its arrival at the callback, at a hundred updates per second.</summary>
internal static class LatencyBenchmark
{
    private const int PerSecond = 100;
    private const int Feeds = 10;
    private const double Seconds = 2 * Session.RoundSeconds;

    public static readonly Benchmark Benchmark = new(
        "latency", "From the phone's POST to the callback",
        "Milliseconds from before the POST is sent until the callback has read the delivery; 100 updates a second, in turn to 10 feeds "
        + "with a callback each. " +
        "Yardstick, at the same rate: a bare HTTP round trip, one committed INSERT, and another round trip, one after the other.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(session, (population, root) => population.Add(Feeds, 1, root));
        await stand.AskAsync<WavesRun>(new RunWaves(0, Feeds, 1, 0));
        var sample = await stand.AskAsync<PostSample>(new TakeSample());
        using var bare = new BarePosts(sample, Feeds, stand.Load.Port);
        await using var inserts = await BareInserts.OpenAsync(stand.Store, connections: 1);
        var callback = new Uri(Hosts.BareUrlOf(0, stand.Load.Port));
        using var turn = new SemaphoreSlim(1);
        var sides = await session.AlternateAsync(
            stand,
            async () => (await stand.AskAsync<Latencies>(new KeepPace(0, Feeds, PerSecond, Seconds))).Round,
            async () => Latencies.Of([.. await Pace.RunAsync(PerSecond, Seconds, async _ =>
            {
                var started = Stopwatch.GetTimestamp();
                await bare.PostAsync(callback);
                await turn.WaitAsync(session.Stop);
                await Task.Run(() => inserts.InsertOneAsync(0));
                turn.Release();
                await bare.PostAsync(callback);
                return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            })]).Round);
        return
        [
            Row.Ratio("p50, ms", sides[0], sides[1], new Goal(3, 1.5, Lower: true)),
            Row.Plain(
                "p99, ms", sides[0], new Goal(50, null, Lower: true, Ratio: false, Unit: "ms"),
                figure: 1) with { Yardstick = sides[1].Figures[1].ToString() },
        ];
    }
}
