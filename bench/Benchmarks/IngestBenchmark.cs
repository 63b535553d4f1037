using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;
using ActivityHub.Bench.Yardsticks;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: updates per second that are acknowledged to the phones as being on disk.</summary>
internal static class IngestBenchmark
{
    private const int Connections = 64;

    public static readonly Benchmark Benchmark = new(
        "ingest", "Ingest",
        "Updates a second that are acknowledged; 64 phones with a kept-alive connection each, one request at a time. Yardstick: rows a "
        + "second of the same size, each " +
        "INSERT committed by itself; on PostgreSQL 64 connections to the same server, on SQLite the one writer there can be, with WAL and "
        + "synchronous=FULL.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(session, (population, root) => population.Add(Connections, 0, root));
        await using var inserts = await BareInserts.OpenAsync(stand.Store, Connections);
        var sides = await session.AlternateAsync(
            stand,
            async () => (await WriteAsync(hundreds: false)).Round,
            async () => (await WriteAsync(hundreds: true)).RoundOf(each: 100),
            async () => (await inserts.RunAsync(Session.RoundSeconds)).Round);
        // The design states its figures for PostgreSQL; on SQLite they are for comparison.
        var where = session.Database == Database.Postgres ? "" : " (goal set for PostgreSQL)";
        return
        [
            Row.Ratio($"one update a request: updates/s{where}", sides[0], sides[2], new Goal(0.6, 1.2)),
            Row.Ratio($"a hundred a request: updates/s{where}", sides[1], sides[2], new Goal(5, 10)),
        ];

        Task<FlatRun> WriteAsync(bool hundreds) =>
            stand.AskAsync<FlatRun>(new WriteFlat(0, Connections, Connections, hundreds, Session.RoundSeconds));
    }
}
