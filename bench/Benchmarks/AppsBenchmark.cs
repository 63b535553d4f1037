using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>
/// The cost of accepting the formats of apps: places per second at the ingest address, compared with the hub's own format.
/// </summary>
internal static class AppsBenchmark
{
    private const int Connections = 64;
    private const int Batch = 200;

    public static readonly Benchmark Benchmark = new(
        "apps", "Apps at the ingest address",
        "Places a second that are acknowledged; 64 phones with a kept-alive connection each, one request at a time, each place a new one. "
        + "With each place goes a battery, which is stored once in " +
        "five minutes; OwnTracks sends one place a message, Overland 200. Yardstick: the hub's own format, one update a request, each "
        + "under an id of its own.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(session, (population, root) => population.Add(Connections, 0, root));
        var sides = await session.AlternateAsync(
            stand,
            async () =>
                (await stand.AskAsync<FlatRun>(new WriteApp(0, Connections, Connections, "owntracks", 1, Session.RoundSeconds))).Round,
            async () =>
                (await stand.AskAsync<FlatRun>(new WriteApp(0, Connections, Connections, "overland", Batch, Session.RoundSeconds)))
                    .RoundOf(Batch),
            async () =>
                (await stand.AskAsync<FlatRun>(
                    new WriteFlat(0, Connections, Connections, Hundreds: false, Session.RoundSeconds, Named: true))).Round);
        return
        [
            Row.Ratio("OwnTracks, one place a message: places/s", sides[0], sides[2], new Goal(0.7, 1)),
            Row.Ratio("Overland, 200 places a message: places/s", sides[1], sides[2], new Goal(5, 10)),
        ];
    }
}
