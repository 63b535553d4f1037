using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>Requests that clients of PubSubHubbub 0.3 and 0.4 still send, and that must not fail.</summary>
public sealed class OldClientsTests(SharedHubs hubs)
{
    [Theory]
    [InlineData("sync")]
    [InlineData("async")]
    [InlineData("sync", "async")]
    [InlineData("async", "sync")]
    public async Task The_way_of_verification_that_0_3_clients_choose_is_heard_and_makes_no_difference(params string[] verify)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();

        using var answer = await scene.Hub.PostHubAsync(
        [
            ("hub.mode", "subscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()),
            .. verify.Select(way => ("hub.verify", (string?)way)),
        ]);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());
    }

    [Theory, BothDatabases]
    public async Task A_verify_token_is_echoed_in_both_directions(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        const string token = "a+b/c= é&x";

        using var subscribed = await scene.Hub.PostHubAsync(
            ("hub.mode", "subscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()), ("hub.verify", "async"),
            ("hub.verify_token", token));
        (await callback.WaitForVerificationAsync()).Parameter("hub.verify_token").ShouldBe(token);
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());

        using var unsubscribed = await scene.Hub.PostHubAsync(
            ("hub.mode", "unsubscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()), ("hub.verify_token", "another"));
        (await callback.WaitForVerificationAsync(2)).Parameter("hub.verify_token").ShouldBe("another");
    }

    [Fact]
    public async Task Nobody_who_sends_no_verify_token_gets_one()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());

        (await callback.WaitForVerificationAsync()).Parameter("hub.verify_token").ShouldBeNull();
    }

    [Theory]
    [InlineData("hub.url")]
    [InlineData("hub.topic")]
    public async Task A_publish_with_repeated_topics_is_answered_204_without_a_body(string field)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.PostHubAsync(
            ("hub.mode", "publish"), (field, scene.Bare("atom")), (field, scene.Bare("json")), (field, scene.Bare("atom")));

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync(Http.Cancel));
    }

    [Theory]
    [InlineData("hub.url")]
    [InlineData("hub.topic")]
    public async Task A_publish_of_another_hubs_topic_is_refused_by_the_name_that_was_sent(string field)
    {
        var hub = await hubs.OnAsync(Database.Sqlite);

        using var answer = await hub.PostHubAsync(("hub.mode", "publish"), (field, "https://elsewhere.example.org/feed"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.TextAsync()).ShouldStartWith(field);
    }

    [Fact]
    public async Task A_publish_without_a_topic_is_refused()
    {
        var hub = await hubs.OnAsync(Database.Sqlite);

        using var answer = await hub.PostHubAsync(("hub.mode", "publish"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.TextAsync()).ShouldContain("hub.url");
    }

    // 0.4 has X-Hub-Signature only with sha1. A fragment is never sent to a server, so a callback could not receive it.
    [Fact]
    public async Task A_callback_with_a_fragment_is_refused()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, "http://127.0.0.1:9/cb#part");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}
