using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActivityHub.Bench.Seeding;

/// <summary>
/// The ledger alone, opened as every role opens it, before the hub starts on it. It has the keys that encrypt secrets in rows.
/// </summary>
internal sealed class SeedLedger : IAsyncDisposable
{
    private readonly IHost _host;

    private SeedLedger(IHost host) => _host = host;

    public RootKey Root => _host.Services.GetRequiredService<RootKey>();

    public SecretBox Secrets => _host.Services.GetRequiredService<SecretBox>();

    public static async Task<SeedLedger> OpenAsync(HubStore store, CancellationToken stop)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration["Hub:DataDirectory"] = store.DataDirectory;
        builder.Configuration["ConnectionStrings:Ledger"] = store.Ledger;
        builder.AddLedger();
        var host = builder.Build();
        await host.StartAsync(stop);
        return new SeedLedger(host);
    }

    public LedgerContext Context() => _host.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContext();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
        // Pooled connections would keep the file open.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }
}
