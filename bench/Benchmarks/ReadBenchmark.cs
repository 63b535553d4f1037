using System.Text.Json;
using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;
using ActivityHub.Bench.Yardsticks;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>Design figure: reads per second of a feed that does not change.</summary>
internal static class ReadBenchmark
{
    private const int Connections = 32;
    private const double Seconds = 0.8;
    private static readonly Goal Goal = new(0.5, 0.8);

    public static readonly Benchmark Benchmark = new(
        "read", "Read",
        "Reads a second of a feed of 60 updates, as Atom with 50 entries, by its reader's key; 32 connections, unchanged, in full and "
        + "with the ETag that they have. " +
        "Yardstick: Kestrel in a process of its own, which answers the same bytes and headers from memory.",
        RunAsync);

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        await using var stand = await Stand.BuildAsync(session, (population, root) => population.Add(1, 0, root));
        await stand.AskAsync<FlatRun>(new WriteFlat(0, 1, 1, Hundreds: false, Seconds: 30, Requests: 60));
        var path = stand.Population.AtomPath(0);
        var answer = await StillAnswer.TakeAsync(stand.Hub.BaseUrl + path, session.Stop);
        await using var still = await RoleProcess.StartAsync(StillServer.Name, JsonSerializer.Serialize(answer));
        var bare = $"http://127.0.0.1:{still.Port}";
        var sides = await session.AlternateAsync(
            stand,
            () => still.Cpu,
            [
                () => ReadAsync(stand.Hub.BaseUrl, null), () => ReadAsync(bare, null),
                () => ReadAsync(stand.Hub.BaseUrl, answer.ETag), () => ReadAsync(bare, answer.ETag),
            ]);
        return
        [
            Row.Ratio("200: reads/s", sides[0], sides[1], Goal),
            Row.Ratio("304: reads/s", sides[2], sides[3], Goal),
        ];

        async Task<Round> ReadAsync(string server, string? etag) =>
            (await stand.AskAsync<FlatRun>(new ReadFlat(server, path, etag, Connections, Seconds))).Round;
    }
}
