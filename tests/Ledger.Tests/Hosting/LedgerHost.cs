using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActivityHub.Ledger.Tests;

/// <summary>A process with only the ledger, set up as in every role.</summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    private readonly IHost _host;
    private LedgerStore? _owned;

    private LedgerHost(IHost host, LedgerStore store, CapturedLogs logs) => (_host, Store, Logs) = (host, store, logs);

    /// <summary>Cancelled when the running test ends.</summary>
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public LedgerStore Store { get; }

    public CapturedLogs Logs { get; }

    public IFeedLog Log => Get<IFeedLog>();

    public GroupCommit Commit => Get<GroupCommit>();

    public LedgerWriter Writer => Get<LedgerWriter>();

    public IDeliveryLedger Deliveries => Get<IDeliveryLedger>();

    /// <summary>Starts a host on its own store.</summary>
    public static async Task<LedgerHost> StartAsync(
        Database database, TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var store = await LedgerStore.CreateAsync(database);
        try
        {
            var host = await StartAsync(store, time, settings);
            host._owned = store;
            return host;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another host on a store; the creator of the store disposes it.</summary>
    public static async Task<LedgerHost> StartAsync(
        LedgerStore store, TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration["Hub:DataDirectory"] = store.DataDirectory;
        builder.Configuration["ConnectionStrings:Ledger"] = store.ConnectionString;
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        var logs = new CapturedLogs();
        builder.Logging.AddProvider(logs);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddLedger();
        var host = builder.Build();
        try
        {
            await host.StartAsync(Token);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new LedgerHost(host, store, logs);
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public LedgerContext Context() => Get<IDbContextFactory<LedgerContext>>().CreateDbContext();

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }
}
