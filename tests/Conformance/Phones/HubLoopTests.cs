using System.Net;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>
/// A feed that receives its own deliveries would never stop: a phone's address refuses a hub's delivery, and the owner who set it up is
/// informed.
/// </summary>
public sealed class HubLoopTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_webhook_to_an_address_of_the_same_hub_where_a_phone_writes_is_refused_with_words(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var updates = $"{scene.Hub.BaseUrl}/feeds/{scene.Feed}/updates";

        foreach (var callback in new[] { scene.Phone.IngestUrl!, scene.Phone.IngestUrl! + "/plain?x=1",
            scene.Phone.IngestUrl!.Replace("/i/", "/%49/", StringComparison.Ordinal), updates })
        {
            using var answer = await scene.Owner.TryAddWebhookAsync(scene.Feed, callback);
            (await answer.TextAsync()).ShouldContain("without end");
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["hub.mode"] = "subscribe",
            ["hub.topic"] = scene.Topic,
            ["hub.callback"] = scene.Phone.IngestUrl!,
        });
        using var subscribed = await scene.Hub.Http.PostAsync("/hub", form, Cancel);
        subscribed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await subscribed.TextAsync()).ShouldContain("hub.callback is an address of this hub where a phone writes");
    }

    // The callback has another host name here, as behind a proxy; and it accepted the test delivery, as hubs did before this check existed.
    [Theory, BothDatabases]
    public async Task A_webhook_that_leads_back_to_its_own_feed_ends_with_its_first_delivery_and_both_are_told(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var relay = await CallbackListener.AnsweringAsync(CallbackReply.By(got => Relayed(got, scene)));
        await AddAsync(scene, relay.Url());

        await scene.Phone.PostAsync("""{"kind":"note","title":"once"}""");

        await EndedAsync(scene, relay.Url());
        (await HeadAsync(scene)).ShouldBe(1);
        await ToldAsync(scene);
    }

    [Theory, BothDatabases]
    public async Task Two_hubs_whose_webhooks_point_at_one_another_stop_at_once(Database database)
    {
        var one = await Scene.SetAsync(hubs, database);
        await using var hub = await HubApp.StartAsync(Database.Sqlite, SharedHubs.Impatient);
        var other = await Scene.SetAsync(hub);
        await using var toOther = await CallbackListener.AnsweringAsync(CallbackReply.By(got => Relayed(got, other)));
        await using var toOne = await CallbackListener.AnsweringAsync(CallbackReply.By(got => Relayed(got, one)));
        await AddAsync(one, toOther.Url());
        await AddAsync(other, toOne.Url());

        await one.Phone.PostAsync("""{"kind":"note","title":"once"}""");
        await EndedAsync(one, toOther.Url());
        await other.Phone.PostAsync("""{"kind":"note","title":"once more"}""");
        await EndedAsync(other, toOne.Url());

        (await HeadAsync(one)).ShouldBe(1);
        (await HeadAsync(other)).ShouldBe(1);
        await ToldAsync(one);
        await ToldAsync(other);
    }

    // Without a relay between them: the test delivery is already refused, so the webhook is never active.
    [Fact]
    public async Task A_webhook_to_another_hubs_phone_is_not_confirmed()
    {
        var one = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var hub = await HubApp.StartAsync(Database.Sqlite, SharedHubs.Impatient);
        var other = await Scene.SetAsync(hub);

        using var made = await one.Owner.TryAddWebhookAsync(one.Feed, other.Phone.IngestUrl!);

        made.IsSuccessStatusCode.ShouldBeTrue();
        await Eventually.ShouldAsync(
            async () => (await one.SubscriptionAsync(other.Phone.IngestUrl!))?.State is not ("pending" or "active"));
        await ToldAsync(other);
    }

    [Theory, BothDatabases]
    public async Task A_delivery_is_taken_at_no_address_where_phones_write(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        foreach (var (url, key) in new[] { (scene.Phone.IngestUrl!, ""), (scene.Phone.IngestUrl! + "/plain", ""),
            ($"/feeds/{scene.Feed}/updates", scene.Phone.Key) })
        {
            using var content = new StringContent("""{"kind":"x"}""", Encoding.UTF8, "application/json");
            using var answer = await scene.Hub.Http.SendAsync(
                HttpMethod.Post, url, content, ("Hub-Delivery", Guid.NewGuid().ToString()), ("Authorization", $"Bearer {key}"));
            (await answer.ProblemAsync(HttpStatusCode.Gone)).GetProperty("detail").GetString()!.ShouldContain("without end");
        }

        (await HeadAsync(scene)).ShouldBe(0);
        using var guessed = await scene.Hub.Http.SendAsync(HttpMethod.Post, "/i/guessed", new StringContent("{}"), ("Hub-Delivery", "1"));
        guessed.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static CallbackReply Relayed(ReceivedRequest got, Scene scene)
    {
        if (got.Header("Hub-Test") is not null)
        {
            return HttpStatusCode.NoContent;
        }

        using var request = new HttpRequestMessage(
            HttpMethod.Post, scene.Phone.IngestUrl)
        { Content = new ByteArrayContent(got.Body.ToArray()) };
        request.Headers.Add("Hub-Delivery", got.Header("Hub-Delivery"));
        using var answer = scene.Hub.Http.Send(request, Cancel);
        return answer.StatusCode;
    }

    private static async Task AddAsync(Scene scene, string callback)
    {
        (await scene.Owner.TryAddWebhookAsync(scene.Feed, callback)).EnsureSuccessStatusCode().Dispose();
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback);
    }

    private static async Task EndedAsync(Scene scene, string callback)
    {
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback, "gone");
        await Eventually.ShouldAsync(
            async () => (await scene.Owner.Http.JsonAsync("/api/notices")).GetRawText().Contains("410", StringComparison.Ordinal));
    }

    private static async Task ToldAsync(Scene scene)
    {
        var kept = (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}/rejected")).GetProperty("items").EnumerateArray()
            .First();
        kept.GetProperty("reason").GetString()!.ShouldContain("webhook");
        kept.GetProperty("isWhole").GetBoolean().ShouldBeFalse();
        await Eventually.ShouldAsync(
            async () =>
                (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}")).GetProperty("lastError")
                    .GetString()?.Contains("webhook", StringComparison.Ordinal) is true);
    }

    private static async Task<int> HeadAsync(Scene scene) =>
        (await scene.Hub.Http.JsonAsync(scene.Keyed("json"))).GetProperty("items").GetArrayLength();
}
