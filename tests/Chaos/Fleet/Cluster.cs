using System.Globalization;
using ActivityHub.TestKit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>The product as separate processes on its own PostgreSQL: a hub that is also a FeedApi, further FeedApis, and Workers.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;

    private Cluster(PostgresServer postgres, Dictionary<string, string> settings)
    {
        Postgres = postgres;
        _settings = settings;
        Hub = HubProcess.Of("ActivityHub.Hub", settings);
        settings["Hub__PublicUrl"] = Hub.BaseUrl;
    }

    public PostgresServer Postgres { get; }

    public HubProcess Hub { get; }

    public List<HubProcess> FeedApis { get; } = [];

    public List<HubProcess> Workers { get; } = [];

    public IReadOnlyList<HubProcess> All => [Hub, .. FeedApis, .. Workers];

    /// <summary>The addresses to which phones may post.</summary>
    public IReadOnlyList<string> Addresses => [Hub.BaseUrl, .. FeedApis.Select(process => process.BaseUrl)];

    public static async Task<Cluster> StartAsync(int feedApis = 2, int workers = 2)
    {
        var postgres = await PostgresServer.StartOwnAsync();
        var settings = Settings();
        try
        {
            settings["ConnectionStrings__Ledger"] = await postgres.CreateMigratedDatabaseAsync() + ";Maximum Pool Size=30";
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }

        var cluster = new Cluster(postgres, settings);
        try
        {
            cluster.FeedApis.AddRange(Enumerable.Range(0, feedApis).Select(_ => HubProcess.Of("ActivityHub.FeedApi", settings)));
            cluster.Workers.AddRange(Enumerable.Range(0, workers).Select(_ => cluster.NewWorker()));
            await Task.WhenAll(cluster.All.Select(process => process.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restores the cluster after a failed scenario: a process that does not answer, dead or paused, is started again.</summary>
    public async Task MendAsync()
    {
        if (!Postgres.IsRunning)
        {
            await Postgres.StartAsync();
        }

        await Task.WhenAll(All.Select(async process =>
        {
            if (await process.IsReadyAsync())
            {
                return;
            }

            await process.KillAsync();
            await process.StartAsync();
        }));
    }

    /// <summary>Creates a worker process that is not started and not yet part of the cluster.</summary>
    public HubProcess NewWorker() => HubProcess.Of("ActivityHub.Workers", _settings);

    /// <summary>Short leases and quick retries turn minutes into seconds; all other settings are the defaults.</summary>
    public static Dictionary<string, string> Settings() => new()
    {
        ["Roles"] = "hub,feeds",
        ["Hub__AllowedCallbackNetworks"] = "127.0.0.0/8",
        // All clients have one address here.
        ["Limits__ReaderBurst"] = "1000000",
        ["Limits__DeviceBurst"] = "1000000",
        ["Deliveries__Lease"] = Span(Lease),
        ["Deliveries__RenewEvery"] = "00:00:01",
        ["Deliveries__Timeout"] = Span(Timeout),
        ["Deliveries__LeaseMargin"] = "00:00:00.5",
        ["Deliveries__BackoffBase"] = "00:00:00.2",
        ["Deliveries__BackoffCap"] = "00:00:02",
        ["Deliveries__MaxUpdates"] = "10",
        // Processes that live for seconds gain nothing from profiling and recompiling code (tiered PGO): it took a third of the processor
        // time.
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_TC_CallCounting"] = "0",
    };

    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(5);

    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(2);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(process => process.DisposeAsync().AsTask()));
        await Postgres.DisposeAsync();
    }

    private static string Span(TimeSpan span) => span.ToString("c", CultureInfo.InvariantCulture);
}
