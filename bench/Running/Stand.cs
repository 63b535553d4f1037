using ActivityHub.Bench.Load;
using ActivityHub.Bench.Seeding;
using ActivityHub.Ledger.Keys;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Running;

/// <summary>The environment of one benchmark: a hub process on prepared rows, and a load process.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _stop;

    private Stand(Session session, HubStore store, RoleProcess load, HubProcess hub)
    {
        (Store, Load, Hub, _stop) = (store, load, hub, session.Stop);
        Server = session.Server;
    }

    public HubStore Store { get; }

    public PostgresServer? Server { get; }

    public HubProcess Hub { get; }

    public RoleProcess Load { get; }

    public Population Population { get; } = new();

    /// <param name="session">The session, which has the database.</param>
    /// <param name="populate">Adds the phones and subscriptions.</param>
    /// <param name="started">False if the benchmark starts the hub itself.</param>
    public static async Task<Stand> BuildAsync(Session session, Action<Population, RootKey> populate, bool started = true)
    {
        var store = await HubStore.CreateAsync(session.Database, session.Server);
        RoleProcess? load = null;
        HubProcess? hub = null;
        try
        {
            load = await RoleProcess.StartAsync(LoadRole.Name);
            hub = HubProcess.Of("ActivityHub.Hub", SettingsOf(store));
            var stand = new Stand(session, store, load, hub);
            await stand.PopulateAsync(populate, session.Stop);
            if (started)
            {
                await hub.StartAsync();
            }

            return stand;
        }
        catch
        {
            if (hub is not null)
            {
                await hub.DisposeAsync();
            }

            if (load is not null)
            {
                await load.DisposeAsync();
            }

            await store.DisposeAsync();
            throw;
        }
    }

    public async Task<T> AskAsync<T>(LoadTask task) => await Load.AskAsync<T>(task, _stop);

    /// <summary>Waits until the hub is idle, for 20 s at most; completed deliveries are then written too.</summary>
    public async Task RestAsync()
    {
        var look = TimeSpan.FromMilliseconds(200);
        var before = Hub.Usage.Cpu;
        for (var (looks, quiet) = (0, 0); looks < 100 && quiet < 3; looks++, before = Hub.Usage.Cpu)
        {
            await Task.Delay(look, TimeProvider.System, _stop);
            // A twentieth of one processor: periodic work continues.
            quiet = Hub.Usage.Cpu - before < look / 20 ? quiet + 1 : 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        await Load.DisposeAsync();
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PopulateAsync(Action<Population, RootKey> populate, CancellationToken stop)
    {
        await using (var ledger = await SeedLedger.OpenAsync(Store, stop))
        {
            populate(Population, ledger.Root);
            await Population.WriteAsync(ledger, new Uri(Hub.BaseUrl), Load.Port);
        }

        var phones = Path.Combine(_folder.Path, "phones");
        await Population.WritePhonesAsync(phones);
        await AskAsync<Done>(new SetUp(Hub.BaseUrl, phones, Population.Callbacks));
    }

    private static Dictionary<string, string> SettingsOf(HubStore store) =>
        new(store.Settings())
        {
            ["Hub__AllowedCallbackNetworks"] = "127.0.0.0/8",
            // All requests come from one address, and faster than from any phone. The limits still count them.
            ["Limits__DeviceBurst"] = "1000000",
            ["Limits__DevicePerMinute"] = "6000000",
            ["Limits__ReaderBurst"] = "1000000",
            ["Limits__ReaderPerMinute"] = "6000000",
            ["Limits__GrantBurst"] = "1000000",
            ["Limits__GrantPerMinute"] = "6000000",
            ["Limits__StreamsPerClient"] = "1000000",
            ["Limits__ConnectionsPerClient"] = "1000000",
        };
}
