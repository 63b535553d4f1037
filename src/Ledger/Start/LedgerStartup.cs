using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Settings;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ActivityHub.Ledger.Start;

/// <summary>
/// Opens the ledger before any role starts: migrations, then the key ring and the root key. Several processes may start at once. A process
/// that was killed during its start does not block later starts.
/// </summary>
internal sealed partial class LedgerStartup(
    IDbContextFactory<LedgerContext> contexts, LedgerProvider provider, IDataProtectionProvider protection, IOptions<HubOptions> options,
    RootKey rootKey, LogGeneration generation, TimeProvider time, ILogger<LedgerStartup> logger) : IHostedLifecycleService
{
    // The id of the advisory lock under which processes start one after another. Any constant number works.
    private const long StartLock = 0x41637469_76697479;

    /// <summary>The file of the embedded database in the data directory.</summary>
    public const string DatabaseFile = "hub.db";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ServerPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UntilTold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenWords = TimeSpan.FromSeconds(5);

    // The migration of a large table takes long, and so does the wait for the process that applies it. With the default of 30 seconds
    // neither would ever complete.
    private static readonly TimeSpan MigrationTimeout = TimeSpan.FromHours(6);

    public Task StartingAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    /// <summary>Opens the ledger for a command: does not migrate it, and requires the schema of this version.</summary>
    internal async Task OpenAsItIsAsync(CancellationToken cancellationToken)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            var latest = provider.IsPostgres ? LedgerSchema.LatestPostgres : LedgerSchema.LatestSqlite;
            var applied = (await AppliedAsync(context, cancellationToken)).Max(StringComparer.Ordinal);
            if (applied != latest)
            {
                throw applied is null ? Missing(provider.Place) : new LedgerUnavailableException(
                    $"The ledger on {provider.Place} stands at {applied}, and this version ({ProductVersion.Text}) knows {latest}. Use "
                    + "the version that runs there, or start a hub of this one first.");
            }
        }

        await OpenAsync(cancellationToken);
    }

    internal static LedgerUnavailableException Missing(string place) => new(
        $"There is no ledger on {place}. Start the hub there once; or name the right place with --Hub:DataDirectory or "
        + "--ConnectionStrings:Ledger.");

    internal async Task CreateTablesAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (provider.IsPostgres)
        {
            await WaitForServerAsync(context, cancellationToken);
            await CreateDatabaseAsync(context, cancellationToken);
        }

        context.Database.SetCommandTimeout(MigrationTimeout);
        await context.Database.MigrateAsync(cancellationToken);
    }

    private static async Task<IEnumerable<string>> AppliedAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Database.GetAppliedMigrationsAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InvalidCatalogName)
        {
            return [];
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (provider.IsPostgres ? OpenPostgresAsync(cancellationToken) : OpenSqliteAsync(cancellationToken));
            WarnOfWiderModes();
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException { InnerException: DbException })
        {
            // EF wraps exceptions that it regards as transient, such as an unreachable server.
            var reason = (exception as DbException ?? exception.InnerException)!.Message.TrimEnd('.');
            throw new LedgerUnavailableException(
                $"The ledger on {provider.Place} cannot be opened: {reason}. Check that the database runs and that "
                + "ConnectionStrings:Ledger is right.", exception);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task OpenSqliteAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // EF's own lock is a row. A process that was killed during a migration leaves the row behind, and every later start would wait for
        // ever. This process holds the lock of the folder, so no other process is running, and the row can be deleted.
        context.Database.SetCommandTimeout(MigrationTimeout);
        await context.Database.OpenConnectionAsync(cancellationToken);
        await RefuseNewerAsync(context, LedgerSchema.LatestSqlite, cancellationToken);
        await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS __EFMigrationsLock", cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
        await context.Database.ExecuteSqlRawAsync(
            "UPDATE fanouts SET lease_id = NULL, leased_until = NULL WHERE lease_id IS NOT NULL; " +
            "UPDATE cursors SET lease_id = NULL, leased_until = NULL WHERE lease_id IS NOT NULL; " +
            "UPDATE verifications SET lease_id = NULL, leased_until = NULL WHERE lease_id IS NOT NULL;", cancellationToken);
        await OpenKeysAsync(context, cancellationToken);
        await generation.LoadAsync(context, cancellationToken);
    }

    private async Task OpenPostgresAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await WaitForServerAsync(context, cancellationToken);
        if (!CarriesMigrations())
        {
            await WaitForSchemaAsync(context, cancellationToken);
        }
        else
        {
            await CreateDatabaseAsync(context, cancellationToken);
        }

        context.Database.SetCommandTimeout(MigrationTimeout);
        await RefuseNewerAsync(context, LedgerSchema.LatestPostgres, cancellationToken);
        // A session lock: PostgreSQL releases it when the connection ends, also after a crash.
        await context.Database.OpenConnectionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({StartLock})", cancellationToken);
        try
        {
            if (CarriesMigrations())
            {
                await context.Database.MigrateAsync(cancellationToken);
            }

            await OpenKeysAsync(context, cancellationToken);
            await generation.LoadAsync(context, cancellationToken);
        }
        finally
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({StartLock})", CancellationToken.None);
        }
    }

    private static async Task CreateDatabaseAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        var creator = context.Database.GetService<Microsoft.EntityFrameworkCore.Storage.IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or
            PostgresErrorCodes.UniqueViolation)
        {
            // Another process that starts at the same time has created the database.
        }
    }

    /// <summary>Waits for a server that is not available yet, for example after a power cut. Logs the wait after a second.</summary>
    private async Task WaitForServerAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        TimeSpan? told = null;
        while (true)
        {
            var opening = context.Database.OpenConnectionAsync(cancellationToken);
            await Task.WhenAny(opening, Task.Delay(UntilTold, time, cancellationToken));
            try
            {
                if (!opening.IsCompleted)
                {
                    Tell("it does not answer");
                }

                await opening;
                await context.Database.CloseConnectionAsync();
                return;
            }
            catch (Exception exception) when (Away(exception) is { } reason && time.GetElapsedTime(started) < ServerPatience)
            {
                Tell(reason);
            }
            catch (Exception exception) when (exception is PostgresException || exception.InnerException is PostgresException)
            {
                // The server is available. If it rejects the connection, the first statement reports the reason.
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }

        void Tell(string reason)
        {
            var elapsed = time.GetElapsedTime(started);
            if (told is null || elapsed - told > BetweenWords)
            {
                told = elapsed;
                Log.WaitingForServer(logger, provider.Place, reason, (int)(ServerPatience - elapsed).TotalSeconds);
            }
        }
    }

    // Returns why the server cannot be reached or does not accept connections yet; null if it is available. EF wraps exceptions that it
    // regards as transient.
    private static string? Away(Exception exception) => (exception as NpgsqlException ?? exception.InnerException as NpgsqlException) switch
    {
        PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow } => null,
        { } away => (away.InnerException ?? away).Message.TrimEnd('.'),
        null => null,
    };

    /// <summary>Throws if a newer version migrated the ledger: an older program would write rows that the newer one cannot read.</summary>
    private async Task RefuseNewerAsync(LedgerContext context, string latest, CancellationToken cancellationToken)
    {
        var applied = await context.Database.GetAppliedMigrationsAsync(cancellationToken);
        if (applied.Where(migration => string.CompareOrdinal(migration, latest) > 0).Max(StringComparer.Ordinal) is { } newer)
        {
            throw new LedgerUnavailableException(
                $"The ledger on {provider.Place} was brought to the migration {newer} by a newer version; this one "
                + $"is {ProductVersion.Text} and knows {latest}. "
                + "Start the newer version, or restore the backup that was made before it.");
        }
    }

    private async Task WaitForSchemaAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            string found;
            try
            {
                var applied = await context.Database.SqlQuery<string>($"SELECT \"MigrationId\" AS \"Value\" FROM __ef_migrations")
                    .ToListAsync(cancellationToken);
                if (applied.Contains(LedgerSchema.LatestPostgres))
                {
                    return;
                }

                found = applied.Count == 0 ? "has none yet" : $"stands at {applied.Max()}";
            }
            catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or
                PostgresErrorCodes.InvalidCatalogName)
            {
                found = "has none yet";
            }

            if (time.GetElapsedTime(started) > Patience)
            {
                throw new LedgerUnavailableException(
                    $"The ledger on {provider.Place} needs the migration {LedgerSchema.LatestPostgres} and {found}. Start a hub of this "
                    + "version (src/Hub) on it: it applies the migrations.");
            }

            Log.Waiting(logger, LedgerSchema.LatestPostgres, found);
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    /// <summary>
    /// Opens the root key. Creates it and the ring's first key if they do not exist; the caller's lock makes sure that this happens once.
    /// </summary>
    private async Task OpenKeysAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        await CheckRingAsync(context, cancellationToken);
        var protector = protection.CreateProtector("ActivityHub.RootKey.v1");
        var stored = await context.Keys.AsNoTracking().FirstOrDefaultAsync(key => key.Name == StoredKey.Root, cancellationToken);
        if (stored is null)
        {
            stored = new StoredKey { Name = StoredKey.Root, Value = protector.Protect(RandomNumberGenerator.GetBytes(32)) };
            context.Keys.Add(stored);
            await context.SaveChangesAsync(cancellationToken);
        }

        try
        {
            rootKey.Open(protector.Unprotect(stored.Value));
        }
        catch (CryptographicException exception)
        {
            throw new LedgerUnavailableException(
                $"The key ring in the ledger on {provider.Place} cannot be opened. If it was wrapped by a key file, set Hub:KeyFile to "
                + "that very file.", exception);
        }
    }

    /// <summary>
    /// Throws if the key ring cannot be decrypted. Data Protection would add a new key to a ring that it cannot read. Without the key file
    /// this key would be unencrypted, and all later secrets could be decrypted with the database alone.
    /// </summary>
    private async Task CheckRingAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        var ring = await context.DataProtectionKeys.AsNoTracking().Select(key => key.Xml).ToListAsync(cancellationToken);
        var path = options.Value.KeyFile;
        if (!KeyFile.OpensAll(ring, string.IsNullOrEmpty(path) ? null : path))
        {
            throw new LedgerUnavailableException(
                $"The key ring in the ledger on {provider.Place} is wrapped by a key file, "
                + $"and {(string.IsNullOrEmpty(path) ? "Hub:KeyFile is not set" : $"{path} is not that file")}. Set Hub:KeyFile to the "
                + "file that it was wrapped by.");
        }
    }

    // Only warns about files that an operator or an earlier version created: the operator chooses their mode.
    private void WarnOfWiderModes()
    {
        var folder = options.Value.DataDirectory;
        string?[] paths = [options.Value.KeyFile,
            .. provider.IsPostgres ? Array.Empty<string>() : [folder, Path.Combine(folder, DatabaseFile)]];
        foreach (var path in paths)
        {
            if (path is { Length: > 0 } && OwnerOnly.WiderMode(path) is { } mode)
            {
                Log.Wider(logger, Path.GetFullPath(path), mode, Directory.Exists(path) ? "0700" : "0600");
            }
        }
    }

    private static bool CarriesMigrations()
    {
        try
        {
            Assembly.Load(LedgerSchema.PostgresMigrations);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "Waiting for {Place} for up to {Seconds} s more: {Reason}")]
        public static partial void WaitingForServer(ILogger logger, string place, string reason, int seconds);

        [LoggerMessage(1, LogLevel.Information, "Waiting for a hub to bring the ledger to {Migration}; it {Found}")]
        public static partial void Waiting(ILogger logger, string migration, string found);

        [LoggerMessage(3, LogLevel.Warning,
            "Other users of this machine may use {Path}, whose mode is {Mode}: set it to {Wanted}, unless they should read what phones "
            + "send")]
        public static partial void Wider(ILogger logger, string path, string mode, string wanted);
    }
}
