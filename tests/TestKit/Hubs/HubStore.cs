namespace ActivityHub.TestKit;

/// <summary>Where one hub of a test keeps its data: a fresh folder, or a fresh database. It outlives restarts and goes with the test.</summary>
internal sealed class HubStore : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private PostgresServer? server;

    public string DataDirectory => folder.Path;

    /// <summary>The connection string of the ledger on PostgreSQL; null on SQLite.</summary>
    public string? Ledger { get; private set; }

    public static async Task<HubStore> CreateAsync(Database database, PostgresServer? own)
    {
        var store = new HubStore();
        if (database == Database.Postgres)
        {
            try
            {
                var server = own ?? await PostgresServer.SharedAsync();
                store.Ledger = await server.CreateMigratedDatabaseAsync();
                store.server = server;
            }
            catch
            {
                store.folder.Dispose();
                throw;
            }
        }

        return store;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DropDatabaseAsync(Ledger!);

        // Connections in the pool would keep the file open, and the folder would come back.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }
}
