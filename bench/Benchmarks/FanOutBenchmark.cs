using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;
using ActivityHub.Bench.Yardsticks;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: deliveries per second to a thousand callbacks, of one feed and of a thousand feeds.</summary>
internal static class FanOutBenchmark
{
    private const int Callbacks = 1000;
    private static readonly Goal Goal = new(0.5, 0.8);

    public static readonly Benchmark Benchmark = new(
        "fanout", "Fan-out",
        "POSTs a second to 1,000 callbacks on 100 hosts. A wave: one update to each feed, and when all 1,000 callbacks have theirs, the "
        + "next; each POST is one " +
        "signed Atom document with one entry. Timed from before the phones write, so that with 1,000 feeds the 1,000 requests of the "
        + "phones are in it. " +
        "Yardstick: a SocketsHttpHandler that POSTs the same bytes and headers to the same server, all 1,000 at once, wave after wave. "
        + "With 1,000 feeds each POST is of an " +
        "update of its own, so the third row holds it against bare work of the same kind: 64 at a time do a round trip, a committed "
        + "INSERT and a POST, one after the other.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(
            session, (population, root) => population.Add(1, Callbacks, root).Add(Callbacks, 1, root));
        await stand.AskAsync<WavesRun>(new RunWaves(0, 1, 1, 0));
        using var bare = new BarePosts(await stand.AskAsync<PostSample>(new TakeSample()), Callbacks, stand.Load.Port);
        await using var way = await BareWay.OpenAsync(stand, bare, session.Stop);
        var sides = await session.AlternateAsync(
            stand,
            () => WavesAsync(stand, new RunWaves(0, 1, 1, Session.RoundSeconds)),
            () => WavesAsync(stand, new RunWaves(1, Callbacks, 1, Session.RoundSeconds)),
            async () => (await bare.RunAsync(Session.RoundSeconds)).Round,
            async () => (await way.RunAsync(Session.RoundSeconds)).Round);
        return
        [
            Row.Ratio("one feed, 1,000 callbacks: POSTs/s", sides[0], sides[2], Goal),
            Row.Ratio("1,000 feeds, one callback each: POSTs/s", sides[1], sides[2], Goal),
            Row.Ratio("… against a round trip, an INSERT and a POST each", sides[1], sides[3], Goal),
            Row.Info("… of its time, while phones still wrote: %", sides[1], figure: 1),
        ];
    }

    private static async Task<Round> WavesAsync(Stand stand, RunWaves asked)
    {
        var run = await stand.AskAsync<WavesRun>(asked);
        // With a repeat, or with two updates in one POST, the POSTs could not be compared with the yardstick's.
        return run.Posts == (long)run.Waves * Callbacks
            ? run.Round
            : throw new InvalidOperationException($"{run.Waves} waves to {Callbacks} callbacks made {run.Posts} POSTs.");
    }
}
