using System.Collections.Concurrent;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ActivityHub.TestKit;

/// <summary>
/// A PostgreSQL server for tests: either private to this process and removed with it, or the server that <c>HUB_TEST_POSTGRES</c> names (a
/// connection string of a user who may create databases).
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    internal const string User = "hub";

    private const string Cut = "count(pg_terminate_backend(pid))";

    // The name pattern of the connections on which the hub listens.
    private const string Listener = "% signals";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private static readonly Lazy<(PostgresBinaries? Binaries, string? Missing)> Installed = new(LookAround);

    private static readonly Lazy<Task<PostgresServer>> OfThisProcess = new(StartSharedAsync);

    private readonly PostgresBinaries? _binaries;
    private readonly string? _folder;
    private readonly int _port;
    private readonly bool _durable;
    private readonly string _admin;
    private readonly ConcurrentDictionary<string, byte> _databases = new();
    private readonly Lazy<Task<string>> _migrated;
    private PostgresProcess? _process;

    private PostgresServer(string admin)
    {
        this._admin = admin;
        _migrated = new Lazy<Task<string>>(MigrateTemplateAsync);
    }

    private PostgresServer(PostgresBinaries binaries, string folder, int port, bool durable, PostgresProcess process)
        : this($"Host=127.0.0.1;Port={port};Username={User};Database=postgres")
    {
        this._binaries = binaries;
        this._folder = folder;
        this._port = port;
        this._durable = durable;
        this._process = process;
    }

    /// <summary>
    /// The reason why the PostgreSQL half of a test cannot run here; null if it can, and always null under <c>CI=true</c>.
    /// </summary>
    public static string? SkipReason => IsContinuousIntegration ? null : Installed.Value.Missing;

    private static string? Foreign => Environment.GetEnvironmentVariable("HUB_TEST_POSTGRES") is { Length: > 0 } value ? value : null;

    private static bool IsContinuousIntegration =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Processor time of the server and all its backends since the start; null for a server that this process did not start, or where the
    /// system does not report it.
    /// </summary>
    public TimeSpan? ProcessorTime => _folder is null ? null : ProcessUsage.OfFamily(PostgresProcess.ServerId(_folder));

    /// <summary>The path of the server's log file; null for a server that this process did not start.</summary>
    public string? LogFile => _folder is null ? null : PostgresProcess.LogFile(_folder);

    private bool IsForeign => _binaries is null;

    /// <summary>Whether the server runs; always true for a server that this process did not start.</summary>
    public bool IsRunning => IsForeign || _process is not null;

    /// <summary>The one shared server of this process, started at the first call.</summary>
    public static Task<PostgresServer> SharedAsync() => OfThisProcess.Value;

    /// <summary>Starts a server for one test, which the test may stop, start and disturb. Dispose it.</summary>
    /// <param name="durable">
    /// True for tests that measure the cost of a commit: the server waits for the disk and uses its default settings.
    /// </param>
    /// <exception cref="InvalidOperationException">No PostgreSQL is installed here; guard the test with
    /// <see cref="SkipReason"/>.</exception>
    public static async Task<PostgresServer> StartOwnAsync(bool durable = false)
    {
        var binaries = Installed.Value.Binaries ?? PostgresBinaries.Find(out _) ?? throw Missing();
        var folder = await PostgresProcess.InitializeAsync(binaries);
        for (var attempt = 1; ; attempt++)
        {
            // Another process may take the free port before the server listens on it.
            var port = FreePort.Find();
            var process = PostgresProcess.Start(binaries, folder, port, durable);
            var server = new PostgresServer(binaries, folder, port, durable, process);
            try
            {
                await server.WaitUntilReadyAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 3 && process.HasExited)
            {
                await process.StopKeepingDataAsync();
            }
            catch
            {
                process.Dispose();
                throw;
            }
        }
    }

    /// <summary>Creates an empty database with a unique name and returns its connection string.</summary>
    public Task<string> CreateDatabaseAsync() => CreateDatabaseAsync("template0");

    /// <summary>Creates a database at the newest migration without rows: a copy of a template that was migrated once.</summary>
    public async Task<string> CreateMigratedDatabaseAsync() => await CreateDatabaseAsync(await _migrated.Value);

    private async Task<string> CreateDatabaseAsync(string template)
    {
        var name = "hub_test_" + Guid.NewGuid().ToString("N")[..16];
        await using var connection = new NpgsqlConnection(Unpooled(_admin));
        await connection.OpenAsync();

        // Copying files takes a third of the time of logging them; only PostgreSQL 15 and later have the option.
        var strategy = connection.PostgreSqlVersion.Major >= 15 ? " STRATEGY file_copy" : "";
        await ExecuteAsync(connection, $"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'{strategy}");
        _databases[name] = 0;
        return new NpgsqlConnectionStringBuilder(_admin) { Database = name }.ConnectionString;
    }

    // A template cannot be copied while a connection to it is open, so its connections are not pooled.
    private async Task<string> MigrateTemplateAsync()
    {
        var connectionString = Unpooled(await CreateDatabaseAsync());
        await using var source = NpgsqlDataSource.Create(connectionString);
        var options = new DbContextOptionsBuilder<LedgerContext>();
        options.UseLedgerPostgres(source);
        await using var context = new LedgerContext(options.Options);
        await context.Database.MigrateAsync();
        return new NpgsqlConnectionStringBuilder(connectionString).Database!;
    }

    /// <summary>
    /// Drops a database made by <see cref="CreateDatabaseAsync()"/> or <see cref="CreateMigratedDatabaseAsync"/>, even if connections to it
    /// are still open.
    /// </summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        if (!_databases.TryRemove(name, out _) || (_process is null && !IsForeign))
        {
            return;
        }

        await using (var pooled = new NpgsqlConnection(connectionString))
        {
            NpgsqlConnection.ClearPool(pooled);
        }

        await using var connection = new NpgsqlConnection(Unpooled(_admin));
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    /// <summary>Stops the server, by default as a crash would. Committed data is there again after <see cref="StartAsync"/>.</summary>
    public async Task StopAsync(PostgresStop how = PostgresStop.Immediate)
    {
        var running = OwnProcess();
        _process = null;
        await running.StopKeepingDataAsync(how);
    }

    /// <summary>Starts the server again on the same port and data.</summary>
    public async Task StartAsync()
    {
        if (_binaries is null || _process is not null)
        {
            throw new InvalidOperationException("Only a server from StartOwnAsync that was stopped can be started.");
        }

        _process = PostgresProcess.Start(_binaries, _folder!, _port, _durable);
        await WaitUntilReadyAsync();
    }

    /// <summary>Terminates every client's connection and returns their number. The server keeps running.</summary>
    public Task<int> KillBackendsAsync() => CountBackendsAsync(Cut, "%");

    /// <summary>Terminates the connections on which processes wait for <c>NOTIFY</c> and returns their number.</summary>
    public Task<int> KillListenersAsync() => CountBackendsAsync(Cut, Listener);

    /// <summary>Returns the number of connections that wait for <c>NOTIFY</c>.</summary>
    public Task<int> CountListenersAsync() => CountBackendsAsync("count(*)", Listener);

    private async Task<int> CountBackendsAsync(string what, string nameLike)
    {
        OwnProcess();
        await using var connection = new NpgsqlConnection(Unpooled(_admin));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"SELECT {what} FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name "
            + "LIKE $1",
            connection);
        command.Parameters.AddWithValue(nameLike);
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (IsForeign)
        {
            foreach (var name in _databases.Keys)
            {
                await DropDatabaseAsync(new NpgsqlConnectionStringBuilder(_admin) { Database = name }.ConnectionString);
            }

            return;
        }

        _process?.Dispose();
        _process = null;
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static (PostgresBinaries? Binaries, string? Missing) LookAround()
    {
        if (Foreign is not null)
        {
            return (null, null);
        }

        var binaries = PostgresBinaries.Find(out var missing);
        if (missing is not null)
        {
            Console.Error.WriteLine($"*** HALF OF THE DATABASE TESTS DO NOT RUN: {missing} ***");
        }

        return (binaries, missing);
    }

    private static async Task<PostgresServer> StartSharedAsync()
    {
        if (Installed.Value.Missing is not null)
        {
            throw Missing();
        }

        var server = Foreign is { } foreign ? new PostgresServer(foreign) : await StartOwnAsync();

        // Our own server stops with its pipe; databases on a foreign server must be dropped before this process exits.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(StartTimeout);
        return server;
    }

    private static InvalidOperationException Missing() =>
        new("This test needs PostgreSQL: " + (Installed.Value.Missing ?? "none is installed here"));

    private static string Unpooled(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private PostgresProcess OwnProcess() =>
        _process ?? throw new InvalidOperationException("Only a running server from StartOwnAsync may be disturbed.");

    private async Task WaitUntilReadyAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Unpooled(_admin));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (_process is { HasExited: false } && TimeProvider.System.GetElapsedTime(started) < StartTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
            catch (NpgsqlException notReady)
            {
                throw new InvalidOperationException("PostgreSQL did not come up:\n" + PostgresProcess.Log(_folder!), notReady);
            }
        }
    }
}
