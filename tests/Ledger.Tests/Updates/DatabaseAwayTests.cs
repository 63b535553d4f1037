using ActivityHub.Ledger.Storage.Sqlite;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class DatabaseAwayTests
{
    [Fact]
    public async Task While_the_server_is_away_appends_and_look_ups_fail_and_both_go_on_when_it_is_back()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var server = await PostgresServer.StartOwnAsync();
        await using var store = await LedgerStore.CreateAsync(Database.Postgres, server);
        await using var host = await LedgerHost.StartAsync(store);
        var feed = await host.OpenFeedAsync();
        await host.AppendAsync(feed, Update("before"));
        var rows = host.Get<FeedLoader>();
        (await rows.FindAsync(feed.Id, LedgerHost.Token)).ShouldNotBeNull();

        await server.StopAsync();
        (await host.Commit.AppendAsync(feed.Request(Update("meanwhile")))).ShouldBeOfType<AppendOutcome.Unavailable>();
        (await host.Commit.AppendAsync(feed.Request(Update("meanwhile")))).ShouldBeOfType<AppendOutcome.Unavailable>();
        await Should.ThrowAsync<System.Data.Common.DbException>(() => rows.FindAsync(feed.Id, LedgerHost.Token));

        await server.StartAsync();
        // A phone repeats a request that got 503; the id makes that harmless, even if the first request was stored.
        await Eventually.ShouldAsync(
            async () => await host.Commit.AppendAsync(feed.Request(Update("meanwhile"))) is AppendOutcome.Appended);
        await Eventually.ShouldAsync(async () => (await rows.FindAsync(feed.Id, LedgerHost.Token))!.Head == 2);
        (await host.ReadAllAsync(feed.Id)).Select(update => update.ClientId).ShouldBe(["before", "meanwhile"]);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_was_answered_and_service_returns_with_the_space()
    {
        await using var host = await LedgerHost.StartAsync(Database.Sqlite);
        var feed = await host.OpenFeedAsync();

        // The pool gives the append the connection that was returned last, and a connection keeps its limit, so SQLITE_FULL comes from it.
        LimitPages(host, "1");
        var big = $"{{\"a\":\"{new string('x', 50_000)}\"}}";
        var stored = 0;
        AppendOutcome outcome;
        while ((outcome = await host.Commit.AppendAsync(feed.Request(Update(data: big), Update(data: big)))) is AppendOutcome.Appended)
        {
            stored += 2;
            stored.ShouldBeLessThan(20, "the limit must hold");
        }

        outcome.ShouldBeOfType<AppendOutcome.Unavailable>();
        host.Logs.Mention("full").ShouldBeTrue();
        (await host.ReadAllAsync(feed.Id)).Count.ShouldBe(stored);

        LimitPages(host, "1000000");
        (await host.AppendAsync(feed, Update(data: big))).Seqs.ShouldBe([stored + 1]);
    }

    private static void LimitPages(LedgerHost host, string pages)
    {
        using var connection = host.Get<SqliteConnections>().Open();
        using var limit = connection.CreateCommand();
        limit.CommandText = $"PRAGMA max_page_count = {pages}";
        limit.ExecuteNonQuery();
    }
}
