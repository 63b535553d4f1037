using System.Net;
using ActivityHub.Ledger.Copying;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Operators;

/// <summary>Backup, restore and move of hubs in use: the phone, the reader and the subscriber continue without a change.</summary>
public sealed class BackupTests
{
    [Theory]
    [InlineData(Database.Sqlite, Database.Sqlite)]
    [InlineData(Database.Sqlite, Database.Postgres)]
    [InlineData(Database.Postgres, Database.Postgres)]
    [InlineData(Database.Postgres, Database.Sqlite)]
    public async Task A_backup_of_a_running_hub_is_restored_to_either_database(Database from, Database to)
    {
        Assert.SkipWhen(
            (from == Database.Postgres || to == Database.Postgres) && PostgresServer.SkipReason is not null,
            PostgresServer.SkipReason ?? "");
        await using var callback = await CallbackListener.StartAsync();
        await using var hub = await HubApp.StartAsync(from);
        var (phone, reader) = await UseAsync(hub, callback);
        using var folder = new TempFolder();
        var backup = Path.Combine(folder.Path, "backup");

        using var writing = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writer = WriteAsync(phone, writing.Token);
        var made = await HubCommand.RunAsync(["backup", backup, .. Place(hub)]);
        await writing.CancelAsync();
        (await writer).ShouldBeGreaterThan(0);
        made.Code.ShouldBe(0, made.Errors);
        made.Output.ShouldContain("Backed up to");
        (await HubCommand.RunAsync(["backup", backup, .. Place(hub)])).Code.ShouldBe(2);
        await hub.StopAsync();

        var server = to == Database.Postgres ? await PostgresServer.SharedAsync() : null;
        var target = server is null ? null : await server.CreateDatabaseAsync();
        string[] place = target is null
            ? ["--Hub:DataDirectory", Path.Combine(folder.Path, "restored")]
            : ["--ConnectionStrings:Ledger", target];
        var restored = await HubCommand.RunAsync(["restore", backup, .. place]);
        restored.Code.ShouldBe(0, restored.Errors);
        restored.Output.ShouldContain("Restored.");

        await using var again = await StartOnAsync(hub, place);
        await GoesOnAsync(again, phone, reader, callback);
        // An existing ledger is not replaced without confirmation.
        if (target is null)
        {
            await again.StopAsync();
            (await HubCommand.RunAsync(["restore", backup, .. place])).Errors.ShouldContain("--yes");
            var kept = await HubCommand.RunAsync(["restore", backup, .. place, "--yes"]);
            kept.Output.ShouldContain("before-restore-");
        }
        else
        {
            await again.StopAsync();
            (await HubCommand.RunAsync(["restore", backup, .. place])).Errors.ShouldContain("The target is not empty");
        }

        // The ledger, its backup and the replaced ledger are each in a private folder: other users of the machine can read none of them.
        foreach (var ledger in Directory.EnumerateFiles(folder.Path, "hub.db", SearchOption.AllDirectories))
        {
            (OwnerOnly.WiderMode(ledger), OwnerOnly.WiderMode(Path.GetDirectoryName(ledger)!)).ShouldBe((null, null), ledger);
        }
    }

    [Fact]
    public async Task A_backup_that_is_not_whole_replaces_nothing()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        await owner.AddDeviceAsync();
        using var folder = new TempFolder();
        var backup = Path.Combine(folder.Path, "backup");
        (await HubCommand.RunAsync(["backup", backup, .. Place(hub)])).Code.ShouldBe(0);
        (await HubCommand.RunAsync(["restore", backup, .. Place(hub), "--yes"])).Errors.ShouldContain(
            "Another hub already uses the folder");
        await hub.StopAsync();
        // Closing the last connection writes the log into the file: do it now, not while the file is compared.
        SqliteConnection.ClearAllPools();
        var before = await File.ReadAllBytesAsync(Path.Combine(hub.DataDirectory, "hub.db"), Cancel);

        var file = Path.Combine(backup, "hub.db");
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        await File.WriteAllBytesAsync(file, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)], Cancel);
        (await HubCommand.RunAsync(["restore", backup, .. Place(hub), "--yes"])).Errors.ShouldContain("its checksum differs");
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        var manifest = Path.Combine(backup, "backup.json");
        await File.WriteAllTextAsync(
            manifest,
            (await File.ReadAllTextAsync(manifest, Cancel)).Replace("\"accounts\": 1", "\"accounts\": 2", StringComparison.Ordinal),
            Cancel);
        (await HubCommand.RunAsync(["restore", backup, .. Place(hub), "--yes"])).Errors.ShouldContain("do not have as many rows");

        (await File.ReadAllBytesAsync(Path.Combine(hub.DataDirectory, "hub.db"), Cancel)).ShouldBe(before);
        Directory.GetDirectories(hub.DataDirectory).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_backup_whose_keys_do_not_open_replaces_nothing()
    {
        using var folder = new TempFolder();
        var key = Path.Combine(folder.Path, "key");
        await File.WriteAllBytesAsync(key, System.Security.Cryptography.RandomNumberGenerator.GetBytes(32), Cancel);
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Hub:KeyFile"] = key);
        await hub.SignUpAsync();
        var backup = Path.Combine(folder.Path, "backup");
        var made = await HubCommand.RunAsync(["backup", backup, "--Hub:KeyFile", key, .. Place(hub)]);
        made.Output.ShouldContain("which is not in it");
        await hub.StopAsync();

        string[] place = ["--Hub:DataDirectory", Path.Combine(folder.Path, "restored")];
        (await HubCommand.RunAsync(["restore", backup, .. place])).Errors.ShouldContain("Hub:KeyFile is not set");
        File.Exists(Path.Combine(folder.Path, "restored", "hub.db")).ShouldBeFalse();
        (await HubCommand.RunAsync(["restore", backup, "--Hub:KeyFile", key, .. place])).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_hub_moves_to_PostgreSQL_and_nobody_who_uses_it_notices()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var callback = await CallbackListener.StartAsync();
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var (phone, reader) = await UseAsync(hub, callback);
        var server = await PostgresServer.SharedAsync();
        var target = await server.CreateDatabaseAsync();

        (await HubCommand.RunAsync(["move", .. Place(hub), "--ConnectionStrings:Ledger", target])).Errors.ShouldContain(
            "Another hub already uses the folder");
        await hub.StopAsync();
        var moved = await HubCommand.RunAsync(["move", .. Place(hub), "--ConnectionStrings:Ledger", target]);
        moved.Code.ShouldBe(0, moved.Errors);
        moved.Output.ShouldContain("Moved.");

        await using var again = await StartOnAsync(hub, ["--ConnectionStrings:Ledger", target]);
        await GoesOnAsync(again, phone, reader, callback);
        // Numbers that the database generates continue after the copied ones.
        await using var context = await again.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);
        context.DataProtectionKeys.Add(new() { FriendlyName = "another" });
        await context.SaveChangesAsync(Cancel);
        await again.StopAsync();
        (await HubCommand.RunAsync(["move", .. Place(hub), "--ConnectionStrings:Ledger", target])).Errors.ShouldContain(
            "The target is not empty");
    }

    [Theory, BothDatabases]
    public async Task Every_table_of_the_ledger_is_copied(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        await using var context = await hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);

        var there = database == Database.Postgres
            ? await context.Database.SqlQuery<string>($"""
                SELECT table_name::text AS "Value" FROM information_schema.tables
                WHERE table_schema = 'public' AND table_name NOT LIKE '\_\_%'
                """).ToListAsync(Cancel)
            : await context.Database.SqlQuery<string>($"""
                SELECT name AS "Value" FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_!_%' ESCAPE '!'
                """).ToListAsync(Cancel);

        LedgerCopy.TableNames(context).Order(StringComparer.Ordinal).ShouldBe(there.Order(StringComparer.Ordinal));
        there.Count.ShouldBeGreaterThan(30);
    }

    private static string[] Place(HubApp hub) =>
        hub.LedgerConnectionString is { } ledger ? ["--ConnectionStrings:Ledger", ledger] : ["--Hub:DataDirectory", hub.DataDirectory];

    private static async Task<(TestDevice Phone, TestGrant Reader)> UseAsync(HubApp hub, CallbackListener callback)
    {
        var owner = await hub.SignUpAsync();
        var phone = await owner.AddDeviceAsync();
        var reader = await owner.GrantAsync(phone.Feed);
        await hub.SubscribeAsync(reader.Urls.Atom, callback.Url(), secret: "a secret of the callback");
        await owner.WaitForSubscriptionAsync(phone.Feed, callback.Url());
        await phone.PostAsync("""{"id":"first","kind":"geo","location":{"lat":-23.4,"lon":-50.3},"data":{"text":"\u00e4b"}}""");
        await callback.WaitForAsync(1);
        return (phone, reader);
    }

    private static async Task<int> WriteAsync(TestDevice phone, CancellationToken stop)
    {
        var written = 0;
        while (!stop.IsCancellationRequested)
        {
            await phone.PostAsync(
                """{"kind":"battery","data":{"level":LEVEL}}""".Replace("LEVEL", $"{written++ % 100}", StringComparison.Ordinal));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        return written;
    }

    // Starts at the public URL of the previous hub, because the topics contain it.
    private static Task<HubApp> StartOnAsync(HubApp before, string[] place) => HubApp.StartAsync(Database.Sqlite, options =>
    {
        options.Settings["Hub:PublicUrl"] = before.BaseUrl;
        options.Settings[place[0][2..]] = place[1];
    });

    private static async Task GoesOnAsync(HubApp hub, TestDevice phone, TestGrant reader, CallbackListener callback)
    {
        using var http = hub.HttpAs(phone.Key);
        using var repeated = await http.PostJsonAsync($"/feeds/{phone.Feed}/updates", """{"id":"first","kind":"geo"}""");
        ((int)repeated.StatusCode).ShouldBeInRange(200, 299, await repeated.TextAsync());
        using var posted = await http.PostJsonAsync(
            $"/feeds/{phone.Feed}/updates", """{"id":"after","kind":"note","title":"after it all"}""");
        posted.StatusCode.ShouldBe(HttpStatusCode.Created, await posted.TextAsync());
        using var read = await hub.Http.GetAsync(new Uri(reader.Urls.Json).PathAndQuery, Cancel);
        var document = await read.TextAsync();
        document.ShouldContain("after it all");
        await callback.WaitForAsync(delivery => delivery.Text.Contains("after it all", StringComparison.Ordinal));
        callback.Deliveries[^1].Header("X-Hub-Signature").ShouldNotBeNull();
    }
}
