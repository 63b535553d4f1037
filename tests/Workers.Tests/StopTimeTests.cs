using System.Net;
using ActivityHub.TestKit;
using Npgsql;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests;

// docs/architecture.md, What always holds: a stop drains: no new claims, in-flight POSTs get 10 s. No other work may delay it, or a rolling
// restart would take minutes.
public sealed class StopTimeTests
{
    /// <summary>The limit for a stop that waits for no work, on a busy machine.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_stop_with_nothing_under_way_is_over_at_once(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);
        await stage.UntilExpressAsync(host.Default, 1);

        (await StopAsync(stage.Hub)).ShouldBeLessThan(AtOnce);
    }

    [Theory, BothDatabases]
    public async Task A_POST_that_hangs_holds_a_stop_up_until_its_own_time_is_over_and_no_longer(Database database)
    {
        var timeout = TimeSpan.FromSeconds(2);
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Deliveries:Timeout"] = timeout.ToString());
        await using var host = await CallbackListener.StartAsync();
        var (express, catchUp) = (host.At("/express")
            .Answers(CallbackReply.Hang), host.At("/catch-up").Answers(HttpStatusCode.BadGateway, CallbackReply.Hang));
        await stage.SubscribeAsync(express);
        await stage.SubscribeAsync(catchUp);
        await stage.PostAsync(1, 1);
        await express.WaitForAsync(1);
        await catchUp.WaitForAsync(2);

        (await StopAsync(stage.Hub)).ShouldBeLessThan(timeout + AtOnce);
    }

    // Hangfire's locks are rows: the locks of a killed process stay for minutes, and a thread that waits for one does not react to a stop.
    [Fact]
    public async Task A_stop_waits_for_no_lock_that_a_killed_process_has_left()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var hub = await HubApp.StartAsync(Database.Postgres);
        await using var connection = new NpgsqlConnection(hub.LedgerConnectionString);
        await connection.OpenAsync(Cancel);
        await Eventually.ShouldAsync(
            async () => await CountAsync(connection, "SELECT count(*) FROM hangfire.set WHERE key = 'recurring-jobs'") >= 7);
        await hub.StopAsync();
        // As if the process had been killed while it registered the recurring jobs, and while Hangfire looked for due jobs.
        await CountAsync(
            connection,
            """
            WITH left_behind AS (
                INSERT INTO hangfire.lock(resource, updatecount, acquired)
                SELECT 'hangfire:' || name, 0, now()
                FROM unnest(ARRAY['lock:recurring-job:expire-leases', 'recurring-jobs:lock', 'locks:schedulepoller']) name RETURNING 1)
            SELECT count(*) FROM left_behind
            """);
        await hub.StartAsync();
        // Hangfire's own two threads; the thread that registers the recurring jobs gives up after a while and pauses before the next try.
        await Eventually.ShouldAsync(async () => await CountAsync(
            connection,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle' AND "
            + "query ILIKE '%lock%'") >= 2);

        // A thread that does not react gets a moment first, in which it might end.
        (await StopAsync(hub)).ShouldBeLessThan(TimeSpan.FromSeconds(2) + AtOnce);
    }

    private static async Task<TimeSpan> StopAsync(HubApp hub)
    {
        var started = TimeProvider.System.GetTimestamp();
        await hub.StopAsync();
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
