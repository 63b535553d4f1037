using ActivityHub.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(ActivityHub.Conformance.SharedHubs))]

namespace ActivityHub.Conformance;

/// <summary>
/// One running hub a database for all tests that need nothing special of it: each of them has an account, a phone and callbacks of its
/// own there, and being many at once is what the hub is for. The backoff is short, so that a retry is not worth a wait.
/// </summary>
public sealed class SharedHubs : IAsyncDisposable
{
    private readonly Lazy<Task<HubApp>> _sqlite = new(() => StartAsync(Database.Sqlite));
    private readonly Lazy<Task<HubApp>> _postgres = new(() => StartAsync(Database.Postgres));

    /// <summary>The hub on that database, started by whoever asks first.</summary>
    public Task<HubApp> OnAsync(Database database) => (database == Database.Sqlite ? _sqlite : _postgres).Value;

    /// <summary>Impatience: what failed is tried again after milliseconds.</summary>
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
