using ActivityHub.TestKit;
using Npgsql;

namespace ActivityHub.Ledger.Tests;

/// <summary>
/// Where the ledgers of one test keep their rows: a folder, or a database that several hosts may share. It goes with the test.
/// </summary>
internal sealed class LedgerStore : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private LedgerStore(string? connectionString) => ConnectionString = connectionString;

    /// <summary>Null on SQLite.</summary>
    public string? ConnectionString { get; }

    public string DataDirectory => _folder.Path;

    /// <summary>On PostgreSQL migrated already; on SQLite an empty folder.</summary>
    public static async Task<LedgerStore> CreateAsync(Database database, PostgresServer? server = null) =>
        new(database == Database.Sqlite ? null : await (server ?? await PostgresServer.SharedAsync()).CreateMigratedDatabaseAsync());

    /// <summary>A store that nobody has started on; on PostgreSQL the database does not even exist.</summary>
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

    /// <summary>A connection beside the ledger's, to stand in somebody's way with.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Whether somebody waits for a lock that another one holds.</summary>
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

        // Connections in the pool would keep the file open.
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
