using System.Net;
using ActivityHub.Conformance.Streams;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Access;

/// <summary>The end of a grant, revoked or expired, takes effect everywhere and at once.</summary>
public sealed class RevocationTests
{
    private static readonly TimeSpan StreamsClose = TimeSpan.FromSeconds(2);

    [Theory, BothDatabases]
    public async Task A_grant_that_is_taken_back_ends_everything_under_it(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        await using var stream = await BeginAsync(scene, scene.Grant, callback);

        await scene.Owner.RevokeAsync(scene.Grant);

        await ReadsNothingAsync(scene, scene.Grant);
        await stream.EndsWithinAsync(StreamsClose);
        await IsDeniedAsync(scene, callback);
    }

    [Fact]
    public async Task A_grant_whose_time_is_up_ends_everything_under_it()
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            SharedHubs.Impatient(options);
            options.Time = clock;
        });
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        var ending = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Until = clock.GetUtcNow().AddHours(1) });
        await using var stream = await BeginAsync(scene, ending, callback);

        clock.Forward(TimeSpan.FromMinutes(61));

        await ReadsNothingAsync(scene, ending);
        await scene.PostEachAsync("unseen");
        await stream.EndsWithinAsync(StreamsClose);
        // No subscription outlives its grant.
        await Eventually.ShouldAsync(async () => (await scene.SubscriptionAsync(callback.Url()))!.State is "expired" or "denied");
        callback.Deliveries.ShouldHaveSingleItem();
    }

    [Theory, BothDatabases]
    public async Task By_the_hands_of_the_real_clock_streams_close_as_well(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        var until = TimeProvider.System.GetUtcNow().AddSeconds(3);
        var ending = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Until = until });
        await using var stream = await EventStream.OpenAsync(hub.Http, ending.Urls.Stream);

        await stream.EndsWithinAsync(until + StreamsClose - TimeProvider.System.GetUtcNow());

        TimeProvider.System.GetUtcNow().ShouldBeGreaterThanOrEqualTo(until);
        await ReadsNothingAsync(scene, ending);
    }

    private static async Task<EventStream> BeginAsync(Scene scene, TestGrant grant, CallbackListener callback)
    {
        await scene.SubscribeAsync(grant.Urls.Atom, callback.Url());
        await scene.PostEachAsync("seen");
        await callback.WaitForAsync(1);
        return await EventStream.OpenAsync(scene.Hub.Http, grant.Urls.Stream);
    }

    private static async Task ReadsNothingAsync(Scene scene, TestGrant grant)
    {
        foreach (var url in new[] { grant.Urls.Atom, grant.Urls.Rss, grant.Urls.Json, grant.Urls.Js, grant.Urls.Geojson,
            grant.Urls.Stream })
        {
            using var answer = await scene.Hub.Http.AskAsync(url);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, url);
        }

        using var one = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}/updates/1?key={grant.Key}");
        one.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var again = await scene.Hub.TrySubscribeAsync(grant.Urls.Atom, "http://127.0.0.1:9/");
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    // WebSub §5.2: the subscriber is informed, with the reason.
    private static async Task IsDeniedAsync(Scene scene, CallbackListener callback)
    {
        await scene.PostEachAsync("unseen");
        var denied = await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied", TimeSpan.FromSeconds(15));
        denied.Parameter("hub.topic").ShouldNotBeNullOrEmpty();
        denied.Parameter("hub.reason").ShouldNotBeNullOrWhiteSpace();
        callback.Deliveries.ShouldHaveSingleItem();
        (await scene.SubscriptionAsync(callback.Url()))!.State.ShouldBe("denied");
    }
}
