using Hangfire.PostgreSql;

namespace ActivityHub.Workers.Chores;

/// <summary>Makes Hangfire's tables, or brings them up to date, after the ledger has been opened and before Hangfire starts.</summary>
internal sealed class ChoreTables(ChoreConnections connections) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = connections.GetOrCreateConnection();
        await connection.OpenAsync(cancellationToken);
        PostgreSqlObjectsInstaller.Install(connection);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
