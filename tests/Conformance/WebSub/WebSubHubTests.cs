using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>The Recommendation's requirements for a hub's requests and leases; the numbers are those of docs/websub.md.</summary>
public sealed class WebSubHubTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task H3_H14_H19_H21_A_request_with_callback_mode_and_topic_is_heard_verified_and_served(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();

        using var answer = await scene.Hub.PostHubAsync(
            ("hub.callback", callback.Url()), ("hub.mode", "subscribe"), ("hub.topic", scene.Topic));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await callback.WaitForVerificationAsync();
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());
        await scene.PostEachAsync("a");
        (await callback.WaitForAsync(1))[0].PhoneIds().ShouldBe(["a"]);
    }

    [Theory, BothDatabases]
    public async Task H5_An_unsubscribing_is_verified_and_then_nothing_comes_any_more(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        var other = callback.At("/other");
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.SubscribeAsync(scene.Topic, other.Url);

        await scene.Hub.UnsubscribeAsync(scene.Topic, callback.Url());

        (await callback.WaitForVerificationAsync(2)).Parameter("hub.mode").ShouldBe("unsubscribe");
        await Eventually.ShouldAsync(async () => (await scene.SubscriptionAsync(callback.Url()))?.State != "active");
        await scene.PostEachAsync("a");
        await other.WaitForAsync(1);
        callback.Deliveries.ShouldBeEmpty();
    }

    // H5, H26: another client's request to end a subscription has no effect, because the callback does not confirm it.
    [Theory, BothDatabases]
    public async Task H5_An_unsubscribing_that_the_callback_does_not_confirm_ends_nothing(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        callback.Verifies(HttpStatusCode.NotFound);
        await scene.Hub.UnsubscribeAsync(scene.Topic, callback.Url());
        await callback.WaitForVerificationAsync(2);

        await scene.PostEachAsync("a");
        await callback.WaitForAsync(1);
    }

    [Theory, BothDatabases]
    public async Task H2_H6_An_active_subscription_may_be_asked_for_again_and_stays_one(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "first");

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url(), secret: "second");
        await callback.WaitForVerificationAsync(2);
        var posted = 0;
        await Eventually.ShouldAsync(async () =>
        {
            await scene.PostEachAsync($"u{++posted}");
            return (await callback.WaitForAsync(posted))[^1].IsSignedWith("second");
        });

        callback.Deliveries.SelectMany(delivery => delivery.PhoneIds()).ShouldBe(Enumerable.Range(1, posted).Select(i => $"u{i}"));
        (await scene.Owner.SubscriptionsAsync(scene.Feed)).ShouldHaveSingleItem();
    }

    [Theory, BothDatabases]
    public async Task H7_Fields_that_the_hub_does_not_know_are_ignored(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();

        using var answer = await scene.Hub.PostHubAsync(
            ("hub.mode", "subscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()), ("hub.colour", "blue"),
            ("foo", "bar"), ("foo", "baz"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());
    }

    [Theory, BothDatabases]
    public async Task H8_A_renewal_that_the_callback_refuses_changes_neither_secret_nor_lease(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "the right one");

        callback.Verifies(CallbackReply.WrongChallenge);
        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url(), secret: "an attacker's", leaseSeconds: 300);
        await callback.WaitForVerificationAsync(2);
        callback.Verifies(HttpStatusCode.NotFound);
        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());
        await callback.WaitForVerificationAsync(3);

        await scene.PostEachAsync("a");
        (await callback.WaitForAsync(1))[0].IsSignedWith("the right one").ShouldBeTrue();
    }

    [Theory, BothDatabases]
    public async Task H8_A_confirmed_renewal_without_a_secret_drops_the_secret(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "once");

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url());
        await callback.WaitForVerificationAsync(2);

        var posted = 0;
        await Eventually.ShouldAsync(async () =>
        {
            await scene.PostEachAsync($"u{++posted}");
            return (await callback.WaitForAsync(posted))[^1].Header("X-Hub-Signature") is null;
        });
    }

    [Theory]
    [InlineData(null, 864_000)]
    [InlineData("", 864_000)]
    [InlineData("3600", 3600)]
    [InlineData("1", 300)]
    [InlineData("2592000", 2_592_000)]
    [InlineData("99999999999", 2_592_000)]
    public async Task H9_H24_H27_The_hub_says_what_lease_it_chose_within_its_bounds(string? asked, int chosen)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();

        using var answer = await scene.Hub.PostHubAsync(
            ("hub.mode", "subscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()), ("hub.lease_seconds", asked));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.TextAsync());
        (await callback.WaitForVerificationAsync()).Parameter("hub.lease_seconds").ShouldBe(chosen.ToString());
    }

    [Fact]
    public async Task H9_A_lease_is_ignored_when_unsubscribing()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        using var answer = await scene.Hub.PostHubAsync(
            ("hub.mode", "unsubscribe"), ("hub.topic", scene.Topic), ("hub.callback", callback.Url()), ("hub.lease_seconds", "-1"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.TextAsync());
        (await callback.WaitForVerificationAsync(2)).Parameter("hub.mode").ShouldBe("unsubscribe");
    }

    [Fact]
    public async Task H4_H10_A_secret_has_fewer_than_200_bytes_not_characters()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        var longest = new string('é', 99) + "x";

        foreach (var tooLong in new[] { new string('s', 200), new string('é', 100) })
        {
            using var refused = await scene.Hub.TrySubscribeAsync(scene.Topic, callback.Url(), tooLong);
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        await scene.SubscribeAsync(scene.Topic, callback.Url(), longest);
        await scene.PostEachAsync("a");
        (await callback.WaitForAsync(1))[0].IsSignedWith(longest).ShouldBeTrue();
    }

    [Fact]
    public async Task H12_Percent_encoded_unreserved_characters_are_those_characters()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        var spelled = scene.Topic.Replace(".atom", "%2Eatom", StringComparison.Ordinal);
        spelled = spelled.Replace("/feeds/", "/%66eeds/", StringComparison.Ordinal);

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url("/~me"));
        await callback.At("/~me").WaitForVerificationAsync();
        await scene.Hub.SubscribeAsync(spelled, callback.Url("/%7Eme"));

        // The topic is echoed exactly; otherwise the subscriber could not recognize it.
        (await callback.At("/~me").WaitForVerificationAsync(2)).Parameter("hub.topic").ShouldBe(spelled);
        await Eventually.ShouldAsync(async () => (await scene.Owner.SubscriptionsAsync(scene.Feed)).Count == 1);
        await scene.PostEachAsync("a", "b");
        await callback.At("/~me").WaitUntilAsync(all => all.Where(one => one.IsDelivery).SelectMany(one => one.PhoneIds()).Contains("b"));
        callback.At("/~me").Deliveries.SelectMany(one => one.PhoneIds().Reverse()).ShouldBe(["a", "b"]);
    }

    [Theory, BothDatabases]
    public async Task H13_A_callbacks_query_is_kept_appended_to_and_never_in_the_body(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        const string query = "?hub.topic=mine&x=1&x=2&y=a%2Fb+c";
        var url = callback.Url("/callback" + query);

        await scene.SubscribeAsync(scene.Topic, url);
        await scene.PostEachAsync("a");
        var delivery = (await callback.WaitForAsync(1))[0];

        var verification = callback.Verifications[0].Query;
        verification.ShouldStartWith(query + "&");
        verification.ShouldContain("&hub.challenge=");
        verification.ShouldContain("&hub.topic=" + Uri.EscapeDataString(scene.Topic));
        delivery.Query.ShouldBe(query);
        delivery.Text.ShouldNotContain("x=1");
    }

    [Theory, BothDatabases]
    public async Task H27_After_its_lease_a_subscription_gets_nothing_unless_it_was_renewed(Database database)
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options => options.Time = clock);
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        var longer = callback.At("/longer");
        await hub.SubscribeAsync(scene.Topic, callback.Url(), leaseSeconds: 300);
        await hub.SubscribeAsync(scene.Topic, longer.Url, leaseSeconds: 3600);
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, callback.Url());
        await scene.Owner.WaitForSubscriptionAsync(scene.Feed, longer.Url);
        await scene.PostEachAsync("before");
        await callback.WaitForAsync(1);
        await longer.WaitForAsync(1);

        clock.Forward(TimeSpan.FromSeconds(301));
        await scene.PostEachAsync("after");

        (await longer.WaitForAsync(2))[1].PhoneIds().ShouldBe(["after"]);
        callback.Deliveries.ShouldHaveSingleItem();
        (await scene.SubscriptionAsync(callback.Url()))?.State.ShouldNotBe("active");
    }
}
