using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>The subscriptions that an owner sees and may end.</summary>
public sealed class SubscriptionsTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task The_list_and_the_attempts_tell_how_a_subscription_fares_and_no_secret(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(
            CallbackReply.Text(HttpStatusCode.InternalServerError, "my disk is full"), HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "the hub.secret");
        await scene.PostEachAsync("a");
        await callback.WaitForAsync(2);
        await Eventually.ShouldAsync(
            async () => (await scene.SubscriptionAsync(callback.Url())) is { Cursor: "1", Behind: 0, LastStatus: 204 });

        var subscription = (await scene.SubscriptionAsync(callback.Url()))!;
        var attempts = await scene.Owner.AttemptsAsync(subscription.Id);
        using var raw = await scene.Owner.Http.AskAsync($"/api/feeds/{scene.Feed}/subscriptions");
        using var rawAttempts = await scene.Owner.Http.AskAsync($"/api/subscriptions/{subscription.Id}/attempts");

        subscription.State.ShouldBe("active");
        subscription.Lane.ShouldNotBeNullOrEmpty();
        attempts.Select(attempt => attempt.Status).ShouldBe([204, 500]);
        attempts.ShouldAllBe(attempt => attempt.From == "1" && attempt.To == "1" && attempt.Milliseconds >= 0);
        (await rawAttempts.TextAsync()).ShouldContain("my disk is full");
        foreach (var text in new[] { await raw.TextAsync(), await rawAttempts.TextAsync() })
        {
            text.ShouldNotContain("the hub.secret");
            text.ShouldNotContain(scene.Grant.Key!);
        }
    }

    [Theory, BothDatabases]
    public async Task A_failing_callback_shows_when_it_is_tried_next_and_how_far_it_is_behind(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback =
            await CallbackListener.AnsweringAsync(CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(5)));
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        await scene.PostEachAsync("a", "b");
        await callback.WaitForAsync(1);

        await Eventually.ShouldAsync(
            async () => await scene.SubscriptionAsync(callback.Url()) is { LastStatus: 503, Behind: 2, NextAttempt: not null });
        (await scene.SubscriptionAsync(callback.Url()))!.State.ShouldBe("active");
    }

    [Theory, BothDatabases]
    public async Task An_owner_ends_a_subscription_and_its_callback_is_told(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.SubscribeAsync(scene.Topic, callback.Url("/other"));
        var id = (await scene.SubscriptionAsync(callback.Url()))!.Id;

        using var ended = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{id}", Cancel);

        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied")).Parameter("hub.topic").ShouldBe(scene.Topic);
        await scene.PostEachAsync("a");
        await callback.At("/other").WaitForAsync(1);
        callback.Deliveries.ShouldBeEmpty();
    }

    // The delivery tests cover replays and parked updates on the wire; this class tests what an owner may request and what not.
    [Theory, BothDatabases]
    public async Task An_owner_has_a_failing_subscription_tried_now(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(
            CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(5)), HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.PostEachAsync("a");
        await Eventually.ShouldAsync(
            async () => await scene.SubscriptionAsync(callback.Url()) is { LastStatus: 503, NextAttempt: not null, Cursor: "0" });
        var id = (await scene.SubscriptionAsync(callback.Url()))!.Id;

        using var resume = await scene.Owner.Http.SendAsync(HttpMethod.Post, $"/api/subscriptions/{id}/resume", null);

        (await resume.JsonAsync(HttpStatusCode.Accepted)).GetProperty("failures").GetInt32().ShouldBe(0);
        await callback.WaitForAsync(2);
        await Eventually.ShouldAsync(async () => await scene.SubscriptionAsync(callback.Url()) is { LastStatus: 204, Cursor: "1" });
    }

    [Theory, BothDatabases]
    public async Task What_cannot_be_asked_is_refused_in_words(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        var id = (await scene.SubscriptionAsync(callback.Url()))!.Id;

        using var beyond = await scene.Owner.Http.PostJsonAsync($"/api/subscriptions/{id}/replay", """{"from":99}""");
        using var missing = await scene.Owner.Http.PostJsonAsync($"/api/subscriptions/{id}/replay", "{}");
        using var notParked = await scene.Owner.Http.SendAsync(HttpMethod.Post, $"/api/subscriptions/{id}/parked/1/redeliver", null);
        var parked = await scene.Owner.Http.JsonAsync($"/api/subscriptions/{id}/parked");

        (await beyond.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("detail").GetString()!.ShouldContain("from is 99");
        (await missing.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("detail").GetString()!.ShouldContain("from is missing");
        await notParked.ProblemAsync(HttpStatusCode.NotFound);
        parked.GetProperty("items").GetArrayLength().ShouldBe(0);
    }
}
