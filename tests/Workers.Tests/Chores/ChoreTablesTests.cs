using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Npgsql;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Chores;

public sealed class ChoreTablesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Several processes start at once on a new database: without the lock, Hangfire's own installation fails for all but one of them.
    [Fact]
    public async Task Processes_that_start_at_once_make_the_tables_once()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        var server = await PostgresServer.SharedAsync();
        var ledger = await server.CreateDatabaseAsync();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => StartAsync(ledger), Cancel)));

            await StartAsync(ledger);
            await using var connection = new NpgsqlConnection(ledger);
            await connection.OpenAsync(Cancel);
            await using var count = new NpgsqlCommand("SELECT count(*) FROM hangfire.schema", connection);
            (await count.ExecuteScalarAsync(Cancel)).ShouldBe(1L);
        }
        finally
        {
            await server.DropDatabaseAsync(ledger);
        }
    }

    private static async Task StartAsync(string ledger)
    {
        using var connections = new ChoreConnections(ledger);
        await new ChoreTables(connections).StartingAsync(Cancel);
    }
}
