using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>
/// A webhook that an owner creates for a service that answers no challenge: from its creation to its end, only over HTTP.
/// </summary>
public sealed class WebhookTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_webhook_is_confirmed_by_a_signed_test_and_then_gets_every_update(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        // A service that answers no challenge would fail any verification.
        callback.Verifies(HttpStatusCode.NotFound);

        using var answer = await scene.Owner.TryAddWebhookAsync(scene.Feed, callback.Url("/hook?token=x"), "geheim");
        var made = await answer.JsonAsync(HttpStatusCode.Created);
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url("/hook?token=x"));
        await scene.PostEachAsync("a", "b");
        var hook = callback.At("/hook");
        await hook.WaitUntilAsync(all => all.Where(one => one.IsDelivery).SelectMany(one => one.PhoneIds()).Contains("b"));

        made.GetProperty("state").GetString().ShouldBe("pending");
        var test = hook.Deliveries[0];
        test.Header("Hub-Test").ShouldBe("yes");
        test.PhoneIds().ShouldBeEmpty();
        test.Query.ShouldBe("?token=x");
        hook.Deliveries.ShouldAllBe(delivery => delivery.IsSignedWith("geheim"));
        hook.Deliveries.Skip(1).ShouldAllBe(delivery => delivery.Header("Hub-Test") == null);
        hook.Deliveries[1].PhoneIds().ShouldContain("a");
        hook.Verifications.ShouldBeEmpty();
        // It has the same links as any delivery: the topic without a key, and its own status.
        var links = Http.Links([test.Header("Link")!]);
        links.ShouldContain(("self", scene.Bare("json")));
        using var status = await scene.Hub.Http.AskAsync(links.Single(link => link.Rel == "status").Target);
        var shown = await status.JsonAsync();
        shown.GetProperty("state").GetString().ShouldBe("active");
        shown.GetProperty("leaseUntil").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Theory, BothDatabases]
    public async Task A_webhook_gets_the_kinds_that_its_owner_chose_alone(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        using var answer = await scene.Owner.TryAddWebhookAsync(scene.Feed, callback.Url(), format: "atom", kinds: ["geo"]);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());

        await scene.PostEachAsync("battery");
        await scene.Phone.PostAsync("""{"id":"place","kind":"geo","location":{"lat":1,"lon":2} }""");

        (await callback.WaitForAsync(2))[1].PhoneIds().ShouldBe(["place"]);
    }

    [Theory, BothDatabases]
    public async Task A_webhook_that_its_owner_ends_gets_nothing_more_and_no_denial(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url("/other"));
        using var answer = await scene.Owner.TryAddWebhookAsync(scene.Feed, callback.Url());
        var id = (await answer.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());

        using var ended = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{id}", Http.Cancel);
        await scene.PostEachAsync("a");
        await callback.At("/other").WaitForAsync(1);

        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        callback.Requests.ShouldHaveSingleItem().Header("Hub-Test").ShouldBe("yes");
    }

    [Theory, BothDatabases]
    public async Task A_webhook_whose_test_is_refused_is_never_called_again(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(
            CallbackReply.Text(HttpStatusCode.Unauthorized, "who are you?"), HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url("/other"));
        using var answer = await scene.Owner.TryAddWebhookAsync(scene.Feed, callback.Url(), "geheim");
        var id = (await answer.JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetString();

        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url(), "denied");
        await scene.PostEachAsync("a");
        await callback.At("/other").WaitForAsync(1);

        callback.Requests.ShouldHaveSingleItem();
        using var attempts = await scene.Owner.Http.AskAsync($"/api/subscriptions/{id}/attempts");
        var attempt = (await attempts.JsonAsync()).GetProperty("items")[0];
        attempt.GetProperty("error").GetString().ShouldBe("Its test delivery was not accepted. It answered 401.");
        attempt.GetProperty("answer").GetString().ShouldBe("who are you?");
    }
}
