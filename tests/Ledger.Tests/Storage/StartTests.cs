using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Storage;

public class StartTests
{
    [Theory, BothDatabases]
    public async Task A_ledger_starts_on_nothing_and_again_on_what_it_left(Database database)
    {
        await using var store = await LedgerStore.MissingAsync(database);
        Feed feed;
        await using (var first = await LedgerHost.StartAsync(store))
        {
            feed = await first.OpenFeedAsync();
            await first.AppendAsync(feed, LedgerRows.Update(), LedgerRows.Update());
        }

        await using var second = await LedgerHost.StartAsync(store);
        (await second.ReadAllAsync(feed.Id)).Count.ShouldBe(2);
        (await second.AppendAsync(feed, LedgerRows.Update())).Seqs.ShouldBe([3]);
    }

    [Fact]
    public async Task Several_processes_may_start_at_once_on_a_database_that_does_not_exist_yet()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var store = await LedgerStore.MissingAsync(Database.Postgres);

        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => LedgerHost.StartAsync(store), LedgerHost.Token)));

        var feed = await hosts[0].OpenFeedAsync();
        foreach (var host in hosts)
        {
            // One root key for all: what one of them has printed the others recognise.
            host.Get<RootKey>().StatusKey(1, 1).ShouldBe(hosts[0].Get<RootKey>().StatusKey(1, 1));
            await host.AppendAsync(feed, LedgerRows.Update());
        }

        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_told_what_to_do_instead()
    {
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);
        await using var first = await LedgerHost.StartAsync(store);

        var refusal = await Should.ThrowAsync<LedgerUnavailableException>(() => LedgerHost.StartAsync(store));

        refusal.Message.ShouldContain(store.DataDirectory);
        refusal.Message.ShouldContain("--Hub:DataDirectory");
        refusal.Message.ShouldContain("ConnectionStrings:Ledger");
    }

    [Fact]
    public async Task A_migration_that_was_killed_half_way_hangs_no_later_start()
    {
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);
        await using (var killed = await LedgerHost.StartAsync(store))
        {
            await using var context = killed.Context();
            await context.Database.ExecuteSqlRawAsync(
                """
                CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-11-23 08:00:00');
                """,
                LedgerHost.Token);
        }

        await using var next = await LedgerHost.StartAsync(store).WaitAsync(TimeSpan.FromSeconds(20), LedgerHost.Token);
    }

    [Theory, BothDatabases]
    public async Task The_named_newest_migration_is_the_newest_and_the_model_has_no_other_changes(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        await using var context = host.Context();

        context.Database.GetMigrations().Last().ShouldBe(database == Database.Postgres ? LedgerSchema.LatestPostgres : LedgerSchema.LatestSqlite);
        context.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_the_password()
    {
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);

        var refusal = await Should.ThrowAsync<LedgerUnavailableException>(() => LedgerHost.StartAsync(
            store, null, ("ConnectionStrings:Ledger", "Host=127.0.0.1;Port=1;Database=nowhere;Username=hub;Password=tulip-4711")));

        refusal.Message.ShouldContain("127.0.0.1:1");
        refusal.ToString().ShouldNotContain("tulip");
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_refused_without_repeating_it()
    {
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);

        var refusal = await Should.ThrowAsync<LedgerUnavailableException>(() =>
            LedgerHost.StartAsync(store, null, ("ConnectionStrings:Ledger", "Host=127.0.0.1;Pasword=tulip-4711")));

        refusal.ToString().ShouldNotContain("tulip");
    }

    [Fact]
    public async Task Leases_of_a_process_that_is_gone_are_free_again_after_a_start_on_sqlite()
    {
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);
        Feed feed;
        await using (var killed = await LedgerHost.StartAsync(store))
        {
            feed = await killed.OpenFeedAsync();
            await killed.AddMarkAsync(feed);
            await killed.AppendAsync(feed, LedgerRows.Update());
            (await killed.Deliveries.ClaimMarksAsync([feed.Id], 16, TimeSpan.FromHours(1), LedgerHost.Token)).Count.ShouldBe(1);
        }

        await using var next = await LedgerHost.StartAsync(store);
        (await next.Deliveries.ClaimMarksAsync([feed.Id], 16, TimeSpan.FromHours(1), LedgerHost.Token)).Count.ShouldBe(1);
    }
}
