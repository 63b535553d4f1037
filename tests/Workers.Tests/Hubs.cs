using ActivityHub.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(ActivityHub.Workers.Tests.Hubs))]

namespace ActivityHub.Workers.Tests;

/// <summary>
/// One shared hub per database for all tests without special settings: each test uses its own account, phone and callbacks.
/// </summary>
public sealed class Hubs : IAsyncDisposable
{
    private readonly Lazy<Task<HubApp>> _sqlite = new(() => HubApp.StartAsync(Database.Sqlite, Hurry));
    private readonly Lazy<Task<HubApp>> _postgres = new(() => HubApp.StartAsync(Database.Postgres, Hurry));

    internal async Task<Stage> StageAsync(Database database) =>
        await Stage.OnAsync(await (database == Database.Sqlite ? _sqlite : _postgres).Value);

    /// <summary>Shortens the pauses: no test waits five seconds for a second try, or ten for a callback that hangs.</summary>
    internal static void Hurry(HubAppOptions options)
    {
        options.Settings["Deliveries:BackoffBase"] = "00:00:00.05";
        options.Settings["Deliveries:BreakerPause"] = "00:00:00.05";
        options.Settings["Deliveries:Timeout"] = "00:00:02";
        options.Settings["Deliveries:LeaseMargin"] = "00:00:01";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in new[] { _sqlite, _postgres }.Where(hub => hub.IsValueCreated))
        {
            await (await hub.Value).DisposeAsync();
        }
    }
}
