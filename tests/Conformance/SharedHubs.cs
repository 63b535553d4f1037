using ActivityHub.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(ActivityHub.Conformance.SharedHubs))]

namespace ActivityHub.Conformance;

/// <summary>
/// One running hub per database for all tests without special needs: each test has its own account, phone and callbacks, and a hub is built
/// for many users at once. The backoff is short, so that retries cost no waiting.
/// </summary>
public sealed class SharedHubs : IAsyncDisposable
{
    private readonly Lazy<Task<HubApp>> _sqlite = new(() => StartAsync(Database.Sqlite));
    private readonly Lazy<Task<HubApp>> _postgres = new(() => StartAsync(Database.Postgres));

    /// <summary>Returns the hub on the given database; the first call starts it.</summary>
    public Task<HubApp> OnAsync(Database database) => (database == Database.Sqlite ? _sqlite : _postgres).Value;

    /// <summary>Shortens the pauses: failures are retried after milliseconds.</summary>
    public static void Impatient(HubAppOptions options)
    {
        options.Settings["Deliveries:BackoffBase"] = "00:00:00.050";
        options.Settings["Deliveries:BackoffCap"] = "00:00:01";
        options.Settings["Deliveries:Timeout"] = "00:00:02";
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var hub in new[] { _sqlite, _postgres })
        {
            if (hub.IsValueCreated)
            {
                await (await hub.Value).DisposeAsync();
            }
        }
    }

    private static Task<HubApp> StartAsync(Database database) => HubApp.StartAsync(database, Impatient);
}
