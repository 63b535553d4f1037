using System.Net;
using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WholeWay;

/// <summary>The database stops and starts again under a running hub.</summary>
public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task While_the_database_is_away_everybody_is_told_to_come_back_and_then_all_goes_on_without_a_restart()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var server = await PostgresServer.StartOwnAsync();
        await using var hub = await HubApp.StartAsync(Database.Postgres, options =>
        {
            SharedHubs.Impatient(options);
            options.Postgres = server;
        });
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "geheim");
        await scene.PostEachAsync("before");
        await callback.WaitForAsync(1);

        await server.StopAsync();
        using (var written = await scene.Phone.TryPostAsync("""{"id":"away","kind":"x"}"""))
        {
            await ShouldBeAwayAsync(written);
        }

        using (var read = await hub.Http.AskAsync(scene.Keyed("json")))
        {
            await ShouldBeAwayAsync(read);
        }

        using (var owned = await scene.Owner.Http.AskAsync("/api/devices"))
        {
            await ShouldBeAwayAsync(owned);
        }

        using (var subscribed = await hub.TrySubscribeAsync(scene.Topic, callback.Url("/new")))
        {
            subscribed.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            subscribed.Headers.RetryAfter.ShouldNotBeNull();
        }

        using (var ready = await hub.Http.AskAsync("/health/ready"))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        using (var live = await hub.Http.AskAsync("/health/live"))
        {
            live.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await server.StartAsync();

        await Eventually.ShouldAsync(
            async () =>
            {
                using var again = await scene.Phone.TryPostAsync("""{"id":"away","kind":"x"}""");
                return again.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(20));
        await scene.PostEachAsync("after");
        await callback.Default.WaitUntilAsync(WholeWayTests.HasAll(["before", "away", "after"]), TimeSpan.FromSeconds(30));
        WholeWayTests.IdsOf(callback.Default).Distinct().ShouldBe(["before", "away", "after"]);
        Delivered.PhoneIds(await hub.GetStringAsync(scene.Keyed("json"))).ShouldBe(["after", "away", "before"]);
        await scene.SubscribeAsync(scene.Keyed("json"), callback.Url("/new"));
    }

    private static async Task ShouldBeAwayAsync(HttpResponseMessage answer)
    {
        await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    }
}
