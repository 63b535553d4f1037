using ActivityHub.Ledger.Keys;
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
            // All processes share one root key, so each accepts keys that another one issued.
            host.Get<RootKey>().StatusKey(1, 1).ShouldBe(hosts[0].Get<RootKey>().StatusKey(1, 1));
            await host.AppendAsync(feed, LedgerRows.Update());
        }

        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_a_hub_makes_is_for_its_own_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        using var parent = new TempFolder();
        var folder = Path.Combine(parent.Path, "hub-data");
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);
        await using var host = await LedgerHost.StartAsync(store, null, ("Hub:DataDirectory", folder));
        await host.AppendAsync(await host.OpenFeedAsync(), LedgerRows.Update());

        ModeOf(folder).ShouldBe("700");
        var files = Directory.GetFiles(folder);
        files.Select(Path.GetFileName).ShouldContain("hub.db-wal");
        files.ShouldAllBe(file => ModeOf(file) == "600");
        host.Logs.Mention("Other users of this machine").ShouldBeFalse();
    }

    [Fact]
    public async Task Of_what_others_may_read_the_start_warns_and_leaves_it_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);
        var keyFile = Path.Combine(store.DataDirectory, "key");
        await File.WriteAllBytesAsync(keyFile, new byte[32], LedgerHost.Token);
        Widen(store.DataDirectory, "755");
        Widen(keyFile, "644");

        await using var host = await LedgerHost.StartAsync(store, null, ("Hub:KeyFile", keyFile));

        host.Logs.Mention($"may use {store.DataDirectory}, whose mode is 0755: set it to 0700").ShouldBeTrue();
        host.Logs.Mention($"may use {keyFile}, whose mode is 0644: set it to 0600").ShouldBeTrue();
        ModeOf(store.DataDirectory).ShouldBe("755");
        ModeOf(Path.Combine(store.DataDirectory, "hub.db")).ShouldBe("600");
    }

    private static string ModeOf(string path) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static void Widen(string path, string mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
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

        context.Database.GetMigrations().Last().ShouldBe(
            database == Database.Postgres ? LedgerSchema.LatestPostgres : LedgerSchema.LatestSqlite);
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
            (await killed.Deliveries.ClaimShardsAsync([feed.Id], 16, TimeSpan.FromHours(1), LedgerHost.Token)).Count.ShouldBe(1);
        }

        await using var next = await LedgerHost.StartAsync(store);
        (await next.Deliveries.ClaimShardsAsync([feed.Id], 16, TimeSpan.FromHours(1), LedgerHost.Token)).Count.ShouldBe(1);
    }
}
