using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>The client that requested a subscription learns the result, and so does the feed's owner.</summary>
public sealed class RequestLinkTests(SharedHubs hubs)
{
    private static readonly CallbackReply WithLineBreak =
        CallbackReply.By(request => CallbackReply.Text(HttpStatusCode.OK, request.Parameter("hub.challenge") + "\n"));

    [Theory, BothDatabases]
    public async Task The_202_names_a_link_that_tells_what_became_of_the_request(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        callback.At("/no").Verifies(HttpStatusCode.NotFound);
        callback.At("/break").Verifies(WithLineBreak);
        callback.At("/other").Verifies(CallbackReply.WrongChallenge);
        callback.At("/down").Verifies(HttpStatusCode.BadGateway);

        var good = await FollowAsync(scene, callback.Url(), "confirmed");
        good.GetProperty("lastStatus").GetInt32().ShouldBe(200);
        good.GetProperty("tries").GetInt32().ShouldBe(1);
        good.GetProperty("nextAttempt").ValueKind.ShouldBe(JsonValueKind.Null);

        var declined = await FollowAsync(scene, callback.Url("/no"), "declined");
        declined.GetProperty("lastStatus").GetInt32().ShouldBe(404);

        var wrong = await FollowAsync(scene, callback.Url("/break"), "wrongChallenge");
        wrong.GetProperty("reason").GetString()!.ShouldContain("line break");
        wrong.GetProperty("beginning").GetString()!.ShouldEndWith("\n");
        (await FollowAsync(scene, callback.Url("/other"), "wrongChallenge")).GetProperty("beginning").GetString()
            .ShouldBe("not the challenge");

        var refused = await FollowAsync(scene, "http://10.11.12.13/cb", "refused");
        refused.GetProperty("reason").GetString()!.ShouldContain("private");
        refused.GetProperty("lastStatus").ValueKind.ShouldBe(JsonValueKind.Null);

        var asked = await FollowAsync(scene, callback.Url("/down"), "asked", "unanswered");
        asked.GetProperty("lastStatus").GetInt32().ShouldBe(502);
        asked.GetProperty("askedAt").GetDateTime().ShouldBeGreaterThanOrEqualTo(asked.GetProperty("at").GetDateTime());
    }

    [Theory, BothDatabases]
    public async Task The_link_is_a_page_too_and_opens_nothing_with_another_key(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var link = await AskAsync(scene, scene.Topic, "http://10.11.12.13/cb");

        using var page = await scene.Hub.Http.AskAsync(link, ("Accept", "text/html"));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await page.TextAsync()).ShouldContain("Request to subscribe");
        page.Headers.CacheControl!.NoStore.ShouldBeTrue();
        using var other = await scene.Hub.Http.AskAsync(link[..^1] + (link[^1] == 'A' ? 'B' : 'A'));
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var none = await scene.Hub.Http.AskAsync(link.Split('?')[0]);
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    // Otherwise any client could use the hub to read a response from an address in a network that the operator allowed.
    [Theory, BothDatabases]
    public async Task Who_has_no_key_is_not_told_what_an_address_answered(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Public = true });
        await using var callback = await CallbackListener.StartAsync();
        callback.Verifies(CallbackReply.WrongChallenge);

        var seen = await FollowedAsync(scene, await AskAsync(scene, scene.Bare("atom"), callback.Url()), "wrongChallenge");

        seen.GetProperty("beginning").ValueKind.ShouldBe(JsonValueKind.Null);
        (await OwnersAsync(scene)).ShouldHaveSingleItem().GetProperty("beginning").GetString().ShouldBe("not the challenge");
    }

    [Theory, BothDatabases]
    public async Task The_owner_sees_what_was_refused_and_from_where(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        callback.At("/no").Verifies(HttpStatusCode.NotFound);
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await FollowAsync(scene, callback.Url("/no"), "declined");

        var one = (await OwnersAsync(scene)).ShouldHaveSingleItem();

        one.GetProperty("callback").GetString().ShouldBe(callback.Url("/no"));
        one.GetProperty("state").GetString().ShouldBe("declined");
        one.GetProperty("grant").GetString().ShouldBe(scene.Grant.Id);
        one.GetProperty("network").GetString().ShouldBe("127.0.0.0/24");
    }

    [Theory, BothDatabases]
    public async Task The_owner_is_given_notice_of_a_webhook_that_was_refused(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(HttpStatusCode.NotFound);
        using var made = await scene.Owner.TryAddWebhookAsync(scene.Feed, callback.Url(), "of the webhook");
        var id = (await made.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString();

        JsonElement notice = default;
        await Eventually.ShouldAsync(async () =>
        {
            var notices = (await scene.Owner.Http.JsonAsync("/api/notices?feed=" + scene.Feed)).GetProperty("items");
            return notices.GetArrayLength() == 1 && (notice = notices[0]).ValueKind == JsonValueKind.Object;
        });

        notice.GetProperty("kind").GetString().ShouldBe("refused");
        notice.GetProperty("subscription").GetString().ShouldBe(id);
        (await OwnersAsync(scene)).ShouldHaveSingleItem().GetProperty("mode").GetString().ShouldBe("webhook");
    }

    [Theory, BothDatabases]
    public async Task Unsubscribing_what_is_not_there_asks_nobody_and_says_so(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();

        using var keyed = await scene.Hub.PostHubAsync(
            ("hub.mode", "unsubscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()));
        using var keyless = await scene.Hub.PostHubAsync(
            ("hub.mode", "unsubscribe"), ("hub.topic", scene.Bare("atom")), ("hub.callback", callback.Url()));

        keyed.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await FollowedAsync(scene, StatusOf(keyed), "nothingThere");
        keyless.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        keyless.Links().ShouldBeEmpty();
        callback.Verifications.ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task What_reads_can_be_subscribed_however_it_is_spelled_and_is_one(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        foreach (var path in (string[])
            [$"/feeds/{scene.Feed}.json?key={scene.Grant.Key}", $"/feeds/{scene.Feed}.json/?key={scene.Grant.Key}",
                $"/Feeds/{scene.Feed}.json?KEY={scene.Grant.Key}&_=7",
                $"/FEEDS/{scene.Feed}%2Ejson/?%6Bey={scene.Grant.Key}&kind="])
        {
            using var read = await scene.Hub.Http.AskAsync(path);
            read.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            await FollowedAsync(scene, await AskAsync(scene, scene.Hub.BaseUrl + path, callback.Url()), "confirmed");
        }

        (await scene.Owner.SubscriptionsAsync(scene.Feed)).ShouldHaveSingleItem();
    }

    private static async Task<JsonElement> FollowAsync(Scene scene, string callback, params string[] states) =>
        await FollowedAsync(scene, await AskAsync(scene, scene.Topic, callback), states);

    private static async Task<string> AskAsync(Scene scene, string topic, string callback)
    {
        using var answer = await scene.Hub.TrySubscribeAsync(topic, callback);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.TextAsync());
        return StatusOf(answer);
    }

    private static string StatusOf(HttpResponseMessage answer) => answer.Links().Single(link => link.Rel == "status").Target;

    private static async Task<JsonElement> FollowedAsync(Scene scene, string link, params string[] states)
    {
        JsonElement seen = default;
        await Eventually.ShouldAsync(async () =>
        {
            seen = await scene.Hub.Http.JsonAsync(link);
            return states.Contains(seen.GetProperty("state").GetString());
        });
        return seen;
    }

    private static async Task<IReadOnlyList<JsonElement>> OwnersAsync(Scene scene) =>
        [.. (await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/subscriptions/requests")).GetProperty("items").EnumerateArray()];
}
