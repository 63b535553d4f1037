using Hangfire.PostgreSql;
using Npgsql;

namespace ActivityHub.Workers.Chores;

/// <summary>Makes Hangfire's tables, or brings them up to date, after the ledger has been opened and before Hangfire starts.</summary>
internal sealed class ChoreTables(ChoreConnections connections) : IHostedLifecycleService
{
    // Any number, as long as it stays the same. Hangfire's installation takes no lock: of several that run at once on a new database all
    // but one fail.
    private const long InstallLock = 0x43686f72_65546162;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = connections.GetOrCreateConnection();
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "SELECT pg_advisory_lock($1)", cancellationToken);
        try
        {
            PostgreSqlObjectsInstaller.Install(connection);
        }
        finally
        {
            // The connection goes back to its pool, and would keep the lock.
            await ExecuteAsync(connection, "SELECT pg_advisory_unlock($1)", CancellationToken.None);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            sql, connection)
        { Parameters = { new NpgsqlParameter<long> { TypedValue = InstallLock } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
