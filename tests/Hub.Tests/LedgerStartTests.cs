using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>A ledger that is not there yet, and one that a newer version has changed.</summary>
public sealed class LedgerStartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_ledger_of_a_newer_version_is_refused_in_words_and_left_as_it_is(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        await using (var context = await hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel))
        {
            var (id, version) = database == Database.Postgres
                ? ("\"MigrationId\"", "\"ProductVersion\"")
                : ("MigrationId", "ProductVersion");
#pragma warning disable EF1002 // Names of columns, and nothing else.
            await context.Database.ExecuteSqlRawAsync(
                $"INSERT INTO __ef_migrations ({id}, {version}) VALUES ('29990101000000_FromTheFuture', '99')", Cancel);
#pragma warning restore EF1002
        }

        await hub.StopAsync();
        var refusal = await Should.ThrowAsync<LedgerUnavailableException>(hub.StartAsync);

        refusal.Message.ShouldContain("29990101000000_FromTheFuture");
        refusal.Message.ShouldContain("Start the newer version, or restore the backup that was made before it.");
    }

    [Fact]
    public async Task A_server_that_is_not_there_yet_is_waited_for_and_that_is_said_at_once()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var server = await PostgresServer.StartOwnAsync();
        await using var hub = await HubApp.StartAsync(Database.Postgres, options => options.Postgres = server);
        await hub.StopAsync();
        await server.StopAsync();

        var starting = hub.StartAsync();
        await Eventually.ShouldAsync(
            () =>
                Task.FromResult(hub.Logs.Lines.Any(line => line.Message.StartsWith("Waiting for PostgreSQL ", StringComparison.Ordinal))));
        starting.IsCompleted.ShouldBeFalse();
        await server.StartAsync();

        await starting;
        (await hub.GetStringAsync("/health/ready")).ShouldBe("Healthy");
    }
}
