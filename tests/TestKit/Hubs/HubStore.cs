namespace ActivityHub.TestKit;

/// <summary>The data of one test hub: a fresh folder, or a fresh database. It outlives restarts and is removed after the test.</summary>
public sealed class HubStore : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private PostgresServer? _server;

    /// <summary>The folder of the ledger on SQLite.</summary>
    public string DataDirectory => _folder.Path;

    /// <summary>The connection string of the ledger on PostgreSQL; null on SQLite.</summary>
    public string? Ledger { get; private set; }

    /// <summary>Returns the settings that make one of the product's programs use this store, as environment variables.</summary>
    public Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string> { ["Hub__DataDirectory"] = DataDirectory };
        if (Ledger is not null)
        {
            settings["ConnectionStrings__Ledger"] = Ledger;
        }

        return settings;
    }

    /// <summary>Creates the store.</summary>
    /// <param name="database">On PostgreSQL the database stands at the newest migration; on SQLite the folder is empty.</param>
    /// <param name="own">The server for the database; the shared server if null.</param>
    public static async Task<HubStore> CreateAsync(Database database, PostgresServer? own)
    {
        var store = new HubStore();
        if (database == Database.Postgres)
        {
            try
            {
                var server = own ?? await PostgresServer.SharedAsync();
                store.Ledger = await server.CreateMigratedDatabaseAsync();
                store._server = server;
            }
            catch
            {
                store._folder.Dispose();
                throw;
            }
        }

        return store;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DropDatabaseAsync(Ledger!);
        }

        // Pooled connections would keep the file open, and the folder would be created again.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
