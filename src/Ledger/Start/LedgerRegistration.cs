using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Settings;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Storage.Postgres;
using ActivityHub.Ledger.Storage.Sqlite;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ActivityHub.Ledger.Start;

/// <summary>Registers the ledger's services.</summary>
public static class LedgerRegistration
{
    [Setting(typeof(string))]
    private const string ConnectionSetting = "ConnectionStrings:Ledger";

    private const string HistoryTable = "__ef_migrations";

    /// <summary>
    /// Adds the ledger: on PostgreSQL if <c>ConnectionStrings:Ledger</c> is set, otherwise on SQLite in <c>Hub:DataDirectory</c>. Every
    /// role may call it; later calls do nothing.
    /// </summary>
    public static TBuilder AddLedger<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(GroupCommit)))
        {
            return builder;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<HubOptions>().BindConfiguration(HubOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HubOptions>, HubOptionsValidator>();
        services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IngestOptions>, IngestOptionsValidator>();

        if (builder.Configuration[ConnectionSetting] is { Length: > 0 } connectionString)
        {
            services.AddPostgres(connectionString);
        }
        else
        {
            services.AddSqlite(
                builder.Configuration[$"{HubOptions.Section}:{nameof(HubOptions.DataDirectory)}"] ?? new HubOptions().DataDirectory);
        }

        // At level Information these libraries would log the path and the statements of every request. That would hide the hub's own lines,
        // and paths may contain keys.
        services.AddLogging(
            logging =>
                logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning)
                .AddFilter("Hangfire", LogLevel.Warning));
        services.AddKeyRing();
        services.AddHealthChecks().AddCheck<LedgerHealth>("ledger", tags: [LedgerHealthEndpoints.Ready]);
        services.AddSingleton<LedgerSignals>().AddSingleton<ShardHandOff>().AddSingleton<LedgerWriter>().AddSingleton<FeedLoader>()
            .AddSingleton<LogLoader>().AddSingleton<FeedConsumerClaims>().AddSingleton<ExpressCursorLoader>();
        services.AddSingleton<LatestUpdates>().AddSingleton<ObservedUpdates>();
        services.AddSingleton<Outbox>().AddSingleton<VapidKey>().AddSingleton<FirstAdministrator>();
        services.AddSingleton<FeedAccess>().AddSingleton<AppAccess>().AddSingleton<DeviceAccess>().AddSingleton<GrantedLog>()
            .AddSingleton<LogGeneration>().AddSingleton<ReaderPlaces>().AddSingleton<ParkedUpdates>();
        services.AddSingleton<ReceiptRecorder>().AddHostedService(provider => provider.GetRequiredService<ReceiptRecorder>());
        services.AddSingleton<LastSeenRecorder>().AddHostedService(provider => provider.GetRequiredService<LastSeenRecorder>());
        services.AddHostedService<LedgerStartup>();
        services.AddMetrics().AddSingleton<IngestMetrics>();
        services.AddSingleton<GroupCommit>().AddHostedService(provider => provider.GetRequiredService<GroupCommit>());
        return builder;
    }

    /// <summary>Configures EF for PostgreSQL; the migrations' design-time factory uses it too.</summary>
    public static DbContextOptionsBuilder UseLedgerPostgres(this DbContextOptionsBuilder options, NpgsqlDataSource source) =>
        options.UseNpgsql(
            source, npgsql => npgsql.MigrationsAssembly(LedgerSchema.PostgresMigrations).MigrationsHistoryTable(HistoryTable));

    /// <summary>Configures EF for SQLite; the migrations' design-time factory uses it too.</summary>
    public static DbContextOptionsBuilder UseLedgerSqlite(this DbContextOptionsBuilder options, string connectionString) =>
        options.UseSqlite(
            connectionString, sqlite => sqlite.MigrationsAssembly(LedgerSchema.SqliteMigrations).MigrationsHistoryTable(HistoryTable));

    private static void AddPostgres(this IServiceCollection services, string connectionString)
    {
        var settings = ReadConnectionString(connectionString);
        services.AddSingleton(
            new LedgerProvider(IsPostgres: true, $"PostgreSQL {settings.Host}:{settings.Port}, database {settings.Database}"));
        services.AddSingleton(_ => new NpgsqlDataSourceBuilder(settings.ToString()) { Name = "ledger" }.Build());
        services.AddSingleton(_ => new HotSource(settings)).AddSingleton<LogStatistics>();
        services.AddPooledDbContextFactory<LedgerContext>(
            (provider, options) => options.UseLedgerPostgres(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton(new WriterQueue(oneAtATime: false));
        services.AddHostedService<PostgresSignals>();
        services.AddSingleton<PlaceGuesses>().AddSingleton<PostgresAppend>().AddSingleton<IFeedLog, PostgresFeedLog>()
            .AddSingleton<IDeliveryLedger, PostgresDeliveries>();
    }

    private static NpgsqlConnectionStringBuilder ReadConnectionString(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            // The hot statements are few and constant. When they are prepared, PostgreSQL plans them once for each connection.
            if (settings.MaxAutoPrepare == 0)
            {
                settings.MaxAutoPrepare = 100;
                settings.AutoPrepareMinUsages = 2;
            }

            settings.ApplicationName ??= "activity-hub";
            return settings;
        }
        catch (ArgumentException)
        {
            // The exception's message may repeat a part of the connection string, which contains a password.
            throw new LedgerUnavailableException(
                "ConnectionStrings:Ledger is not a PostgreSQL connection string; write it as "
                + "Host=…;Port=5432;Database=…;Username=…;Password=… .");
        }
    }

    private static void AddSqlite(this IServiceCollection services, string directory)
    {
        services.AddSingleton(new LedgerProvider(IsPostgres: false, $"SQLite in {Path.GetFullPath(directory)}"));
        services.AddSingleton(_ => DirectoryLock.Take(directory));
        services.AddSingleton(provider =>
        {
            // Takes the lock of the folder before the file is opened.
            provider.GetRequiredService<DirectoryLock>();
            var file = Path.Combine(directory, LedgerStartup.DatabaseFile);
            // SQLite would create the file readable by other users.
            OwnerOnly.Open(file, FileShare.ReadWrite).Dispose();
            return new SqliteConnections(file);
        });
        services.AddPooledDbContextFactory<LedgerContext>((provider, options) =>
            options.UseLedgerSqlite(provider.GetRequiredService<SqliteConnections>().ConnectionString)
                .AddInterceptors(new SqliteConnections.Interceptor()));
        services.AddSingleton(new WriterQueue(oneAtATime: true));
        services.AddSingleton<IFeedLog, SqliteFeedLog>().AddSingleton<IDeliveryLedger, SqliteDeliveries>();
    }

    private static void AddKeyRing(this IServiceCollection services)
    {
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContext());
        services.AddDataProtection().SetApplicationName("ActivityHub").PersistKeysToDbContext<LedgerContext>();
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<HubOptions>>((ring, hub) =>
        {
            if (hub.Value.KeyFile is { Length: > 0 } path)
            {
                ring.XmlEncryptor = new KeyFile.Encryptor(KeyFile.Read(path));
            }
        });
        services.AddSingleton<RootKey>().AddSingleton<SecretBox>();
        // Hides "No XML encryptor configured": the start-up lines report it in a more helpful text.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
    }
}
