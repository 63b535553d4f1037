using ActivityHub.TestKit;
using Npgsql;

namespace ActivityHub.Ledger.Tests;

/// <summary>The storage of a test's ledgers: a folder, or a database that several hosts may share. It is removed after the test.</summary>
internal sealed class LedgerStore : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private LedgerStore(string? connectionString) => ConnectionString = connectionString;

    /// <summary>Null on SQLite.</summary>
    public string? ConnectionString { get; }

    public string DataDirectory => _folder.Path;

    /// <summary>Creates the store: on PostgreSQL a migrated database, on SQLite an empty folder.</summary>
    public static async Task<LedgerStore> CreateAsync(Database database, PostgresServer? server = null) =>
        new(database == Database.Sqlite ? null : await (server ?? await PostgresServer.SharedAsync()).CreateMigratedDatabaseAsync());

    /// <summary>Creates a store on which no host has started; on PostgreSQL the database does not even exist.</summary>
    public static async Task<LedgerStore> MissingAsync(Database database)
    {
        if (database == Database.Sqlite)
        {
            return new LedgerStore(null);
        }

        var server = await PostgresServer.SharedAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await server.DropDatabaseAsync(connectionString);
        return new LedgerStore(connectionString);
    }

    /// <summary>Opens a connection outside the ledger, with which a test can block others.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Returns whether a connection waits for a lock that another connection holds.</summary>
    public async Task<bool> SomebodyWaitsAsync()
    {
        await using var connection = await ConnectAsync();
        await using var look = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", connection);
        return (long)(await look.ExecuteScalarAsync())! > 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (ConnectionString is not null)
        {
            await DropAsync();
        }

        // Pooled connections would keep the file open.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task DropAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        var name = settings.Database;
        settings.Database = "postgres";
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", connection);
        await drop.ExecuteNonQueryAsync();
    }
}
