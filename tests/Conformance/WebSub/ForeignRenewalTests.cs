using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.WebSub;

/// <summary>
/// Any client that knows a public topic and a callback can renew their subscription (w3c/websub#47): it may use the Recommendation's own
/// parameters, but not the hub's extensions.
/// </summary>
public sealed class ForeignRenewalTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_stranger_who_renews_replaces_the_secret_and_moves_nothing_back(Database database)
    {
        await using var callback = await CallbackListener.StartAsync();
        var (scene, before) = await SubscribedAsync(database, callback);

        await RenewAsync(scene, callback, ("hub.secret", "a stranger's"), ("hub.after", before), ("hub.lease_seconds", "300"));
        // The secret that this client set is no proof either.
        await RenewAsync(
            scene, callback, ("hub.secret", "a stranger's"), ("hub.after", before),
            ("hub.proof", Proof("a stranger's", scene, callback, before, "a stranger's")));
        await PostAsync(scene, "second");

        var deliveries = await callback.WaitForAsync(2);
        deliveries[^1].IsSignedWith("a stranger's").ShouldBeTrue();
        deliveries[^1].Text.ShouldContain("second");
        deliveries[^1].Text.ShouldNotContain("first");
        deliveries.Count.ShouldBe(2);
        var status = await StatusAsync(scene, deliveries[^1]);
        var changes = status.GetProperty("changes").EnumerateArray().ToList();
        changes.Count.ShouldBe(3);
        changes[1].GetProperty("secretChanged").GetBoolean().ShouldBeTrue();
        changes[1].GetProperty("keptItsPlace").GetBoolean().ShouldBeTrue();
        changes[1].GetProperty("network").GetString().ShouldBe("127.0.0.0/24");
        changes[2].GetProperty("secretChanged").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory, BothDatabases]
    public async Task Who_proves_the_secret_that_holds_is_followed_and_may_change_it(Database database)
    {
        await using var callback = await CallbackListener.StartAsync();
        var (scene, before) = await SubscribedAsync(database, callback);
        // Until the subscriber returns, the other client's secret is in use; the subscriber's proof uses its own secret.
        await RenewAsync(scene, callback, ("hub.secret", "a stranger's"));

        await RenewAsync(
            scene, callback, ("hub.secret", "my next"), ("hub.after", before),
            ("hub.proof", Proof("mine", scene, callback, before, "my next")));

        var again = (await callback.WaitForAsync(2))[^1];
        again.Text.ShouldContain("first");
        again.IsSignedWith("my next").ShouldBeTrue();
        await RenewAsync(
            scene, callback, ("hub.secret", "my next"), ("hub.after", before),
            ("hub.proof", Proof("my next", scene, callback, before, "my next")));
        (await callback.WaitForAsync(3))[^1].Text.ShouldContain("first");
    }

    [Theory, BothDatabases]
    public async Task A_callback_is_asked_once_in_ten_seconds_and_the_last_request_is_the_one(Database database)
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["Subscriptions:VerificationPause"] = null;
        });
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "first");

        var links = new List<string>();
        for (var renewal = 1; renewal <= 5; renewal++)
        {
            using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, callback.Url(), $"renewal {renewal}");
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            links.Add(answer.Links().Single(link => link.Rel == "status").Target);
        }

        var states = new List<JsonElement>();
        foreach (var link in links)
        {
            states.Add(await scene.Hub.Http.JsonAsync(link));
        }

        states.Select(one => one.GetProperty("state").GetString())
            .ShouldBe(["overtaken", "overtaken", "overtaken", "overtaken", "waiting"]);
        var left = states[^1].GetProperty("nextAttempt").GetDateTime() - clock.GetUtcNow().UtcDateTime;
        left.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        callback.Verifications.Count.ShouldBe(1);

        clock.Forward(TimeSpan.FromSeconds(11));
        await callback.WaitForVerificationAsync(2);
        await Eventually.ShouldAsync(
            async () => (await scene.Hub.Http.JsonAsync(links[^1])).GetProperty("state").GetString() == "confirmed");
        await scene.PostEachAsync("a");
        (await callback.WaitForAsync(1))[0].IsSignedWith("renewal 5").ShouldBeTrue();
        callback.Verifications.Count.ShouldBe(2);
    }

    // Subscribes to a public feed, receives the first update, and returns the position before it.
    private async Task<(Scene Scene, string Before)> SubscribedAsync(Database database, CallbackListener callback)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.Owner.GrantAsync(
            scene.Feed, new TestGrantRequest { Public = true, Precision = "exact", From = DateTimeOffset.UnixEpoch });
        await PostAsync(scene, "before");
        var items = (await scene.Hub.Http.JsonAsync(scene.Bare("json"))).GetProperty("items");
        await scene.SubscribeAsync(scene.Bare("json"), callback.Url(), secret: "mine", content: "delta");
        await PostAsync(scene, "first");
        (await callback.WaitForAsync(1))[0].Text.ShouldContain("first");
        return (scene, items[0].GetProperty("_update").GetProperty("seq").ToString());
    }

    private static Task<Posted> PostAsync(Scene scene, string title) => scene.Phone.PostAsync($$"""{"kind":"note","title":"{{title}}"}""");

    private static async Task RenewAsync(Scene scene, CallbackListener callback, params (string Name, string? Value)[] fields)
    {
        using var answer = await scene.Hub.PostHubAsync(
            [("hub.mode", "subscribe"), ("hub.topic", scene.Bare("json")), ("hub.callback", callback.Url()), ("hub.content", "delta"),
                .. fields]);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.TextAsync());
        var link = answer.Links().Single(found => found.Rel == "status").Target;
        await Eventually.ShouldAsync(async () => (await scene.Hub.Http.JsonAsync(link)).GetProperty("state").GetString() == "confirmed");
    }

    // Computes the proof described in docs/http-api.md.
    private static string Proof(string secret, Scene scene, CallbackListener callback, string after, string newSecret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{scene.Bare("json")}\n{callback.Url()}\n{after}\n{newSecret}")));

    private static async Task<JsonElement> StatusAsync(Scene scene, ReceivedRequest delivery) =>
        await scene.Hub.Http.JsonAsync(Links([delivery.Header("Link")!]).Single(found => found.Rel == "status").Target);
}
