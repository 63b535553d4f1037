using ActivityHub.Bench.Floods;
using ActivityHub.Bench.Load;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Benchmarks;

/// <summary>The effect of one account's floods on other accounts' phones.</summary>
internal static class FloodsBenchmark
{
    public static readonly Benchmark Benchmark = new(
        "floods", "Floods",
        $"Milliseconds of another phone's POST (20 a second, {Witness.Seconds:0} s) while one account floods the hub, against the same "
        + $"time without; the hub may open {OpenFiles} files. Bodies: twelve at " +
        "once, every second, each gzip of 8 kB that unpacks to 8 MiB of empty objects. Connections: 900 that say half a request. Streams: "
        + "300 live streams asked for by one client, " +
        "on a feed that gets 20 updates a second. Webhooks: 100 at one host that answers 200 to everything, on a feed of 400 kB that gets "
        + "an update of 24 bytes every 0.1 s.",
        RunAsync);

    private const int OpenFiles = 700;

    private static readonly Goal MoreMemory = new(200, null, Lower: true, Ratio: false, Unit: "MB");

    private static async Task<IReadOnlyList<Row>> RunAsync(Session session)
    {
        var rows = new List<Row>();
        foreach (var flood in (Flood[])[new BodyFlood(), new ConnectionFlood(), new StreamFlood(), new WebhookFlood()])
        {
            session.Stop.ThrowIfCancellationRequested();
            await using var ended = flood;
            rows.AddRange(await RunAsync(session, flood));
        }

        return rows;
    }

    private static async Task<IEnumerable<Row>> RunAsync(Session session, Flood flood)
    {
        await using var store = await HubStore.CreateAsync(session.Database, session.Server);
        var settings = new Dictionary<string, string>(store.Settings())
        {
            ["Hub__AllowedCallbackNetworks"] = "127.0.0.0/8",
            // All hundred webhooks must be active before the flood.
            ["Verifications__StrangerBurst"] = "1000",
        };
        await using var hub = HubProcess.Of("ActivityHub.Hub", settings, OperatingSystem.IsWindows() ? null : OpenFiles);
        await hub.StartAsync();
        var attacker = await TestOwner.SignUpAsync(hub.BaseUrl);
        using var witness = new Witness(hub.BaseUrl, await (await TestOwner.SignUpAsync(hub.BaseUrl)).AddDeviceAsync());
        await flood.PrepareAsync(hub.BaseUrl, attacker, session.Stop);
        await witness.WatchAsync(session.Stop);
        var (calm, before) = (await witness.WatchAsync(session.Stop), hub.Usage);
        Latencies flooded;
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(session.Stop))
        {
            var running = flood.RunAsync(over.Token);
            flooded = await witness.WatchAsync(session.Stop);
            await over.CancelAsync();
            await running;
        }

        var after = hub.Usage;
        var used = new Spent(after.Cpu - before.Cpu, null, null, after.Peak, 0);
        var (ours, yardstick) = (SideOf(flooded, used), SideOf(calm, Spent.Nothing));
        return
        [
            Row.Ratio($"{flood.Name}: another phone's p99, ms", ours, yardstick, new Goal(2, null, Lower: true), figure: 1),
            Row.Info("… p50, ms", ours, yardstick),
            Row.Info("… most, ms", ours, yardstick, figure: 2),
            Row.Difference("… memory, MB", Memory(after.Peak ?? after.Resident, used), Memory(before.Resident, Spent.Nothing), MoreMemory),
            new Row($"… {flood.Result}", "", "", "", "", "", "", used),
        ];
    }

    private static Side Memory(long bytes, Spent spent) => new([Figure.Of([bytes / 1e6])], spent);

    private static Side SideOf(Latencies latencies, Spent spent) =>
        new([Figure.Of([latencies.P50]), Figure.Of([latencies.P99]), Figure.Of([latencies.Max])], spent);
}
