using ActivityHub.TestKit;
using ActivityHub.Workers.Deliveries.Express;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Mechanisms: roles communicate through rows and wake each other by LISTEN/NOTIFY. What always holds: service resumes
// when the database is back, without a restart.
public sealed class ManyProcessesTests
{
    [Fact]
    public async Task Two_workers_on_one_database_deliver_each_update_once_and_share_the_feeds()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var stage = await Stage.SetAsync(Database.Postgres);
        await using var other = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            Hubs.Hurry(options);
            options.Settings["ConnectionStrings:Ledger"] = stage.Hub.LedgerConnectionString;
            options.Settings["Roles"] = "workers";
            options.Settings["Hub:PublicUrl"] = stage.Hub.BaseUrl;
        });
        await using var host = await CallbackListener.StartAsync();
        var stages = new List<Stage> { stage };
        for (var i = 1; i < 12; i++)
        {
            stages.Add(await Stage.OnAsync(stage.Hub));
        }

        var paths = stages.Select((one, index) => (Stage: one, Path: host.At($"/{index}"))).ToList();
        await Task.WhenAll(paths.Select(one => one.Stage.SubscribeAsync(one.Path, secret: "s")));

        await Task.WhenAll(stages.Select(async one =>
        {
            for (var number = 1; number <= 40; number++)
            {
                await one.PostAsync(number, number);
            }
        }));

        foreach (var (one, path) in paths)
        {
            await path.WaitUntilAsync(all => all.HaveUpTo(40), TimeSpan.FromSeconds(20));
            path.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, 40));
            await one.UntilExpressAsync(path, 40);
            // One process encrypts the secret and the other decrypts it.
            foreach (var delivery in path.Deliveries)
            {
                delivery.Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "s", delivery.Body.Span));
            }
        }

        await LaneTests.NobodyLagsAsync(stage);
        other.Services.GetRequiredService<ExpressLane>().Rescued.ShouldBe(0);
    }

    [Fact]
    public async Task A_worker_alone_goes_on_with_what_another_process_has_taken()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var stage = await Stage.SetAsync(Database.Postgres, options => options.Settings["Roles"] = "hub,feeds");
        await using var host = await CallbackListener.StartAsync();
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        await stage.PostAsync(1, 1);
        host.Requests.ShouldBeEmpty();

        await using var worker = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            Hubs.Hurry(options);
            options.Settings["ConnectionStrings:Ledger"] = stage.Hub.LedgerConnectionString;
            options.Settings["Roles"] = "workers";
            options.Settings["Hub:PublicUrl"] = stage.Hub.BaseUrl;
        });

        // The subscription began before the first update, so it gets it. The second update comes by the signal, much earlier than the
        // polling of a bucket.
        await host.WaitUntilAsync(all => all.HaveUpTo(1));
        await stage.UntilExpressAsync(host.Default, 1);
        await stage.PostAsync(2, 2);
        await host.WaitUntilAsync(all => all.HaveUpTo(2));
        host.Deliveries.Numbers().ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_database_that_goes_away_and_comes_back_loses_nothing_and_needs_no_restart()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var server = await PostgresServer.StartOwnAsync();
        await using var stage = await Stage.SetAsync(Database.Postgres, options =>
        {
            options.Postgres = server;
            options.Settings["Deliveries:Timeout"] = "00:00:01";
            options.Settings["Deliveries:Lease"] = "00:00:04";
            options.Settings["Deliveries:RenewEvery"] = "00:00:01";
        });
        await using var host = await CallbackListener.StartAsync();
        var (steady, failing) = (host.At("/steady"), host.At("/failing"));
        var released = new TaskCompletionSource();
        // One POST is in progress while the database is down; another subscription waits for its second try.
        steady.Answers(CallbackReply.HangUntil(released.Task), System.Net.HttpStatusCode.NoContent);
        failing.Answers(System.Net.HttpStatusCode.BadGateway, System.Net.HttpStatusCode.NoContent);
        await stage.SubscribeAsync(steady);
        await stage.SubscribeAsync(failing);
        await stage.PostAsync(1, 5);
        await steady.WaitForAsync(1);

        await server.StopAsync();
        released.SetResult();
        using (var refused = await stage.Phone.TryPostAsync(Stage.Batch(6, 6)))
        {
            ((int)refused.StatusCode).ShouldBe(503);
        }

        await server.StartAsync();

        var sent = 6;
        await Eventually.ShouldAsync(
            async () =>
            {
                using var taken = await stage.Phone.TryPostAsync(Stage.Batch(6, 6));
                return taken.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(15));
        foreach (var path in new[] { steady, failing })
        {
            await path.WaitUntilAsync(all => all.HaveUpTo(sent), TimeSpan.FromSeconds(25));
            // At least once, in order; a POST whose result was not written may come again as a whole.
            path.Deliveries.Numbers().Distinct().ShouldBe(Enumerable.Range(1, sent));
        }

        await stage.UntilAsync(steady, one => one.Lane == "express" && one.Cursor == "6", TimeSpan.FromSeconds(20));
        await LaneTests.NobodyLagsAsync(stage);
    }
}
