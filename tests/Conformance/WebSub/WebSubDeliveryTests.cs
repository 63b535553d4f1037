using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.WebSub;

/// <summary>The Recommendation's requirements for a hub's deliveries; the numbers are those of docs/websub.md.</summary>
public sealed class WebSubDeliveryTests(SharedHubs hubs)
{
    public static TheoryData<string> Formats => ["atom", "rss", "xml", "json", "js", "geojson"];

    [Theory, MemberData(nameof(Formats))]
    public async Task H28_A_delivery_is_a_POST_in_the_topics_own_content_type(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Keyed(format), callback.Url());

        await scene.PostEachAsync("a");

        var delivery = (await callback.WaitForAsync(1))[0];
        using var topic = await scene.Hub.Http.AskAsync(scene.Keyed(format));
        delivery.Method.ShouldBe("POST");
        delivery.Header("Content-Type").ShouldBe(topic.Content.Headers.ContentType!.ToString());
        delivery.PhoneIds().ShouldBe(["a"]);
    }

    [Theory, BothDatabases]
    public async Task H28_A_JSON_Feed_comes_with_the_topics_full_contents(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.PostEachAsync("a", "b");
        await scene.SubscribeAsync(scene.Keyed("json"), callback.Url());
        await scene.SubscribeAsync(scene.Keyed("geojson"), callback.Url("/geo"));

        await scene.PostEachAsync("c");

        (await callback.WaitForAsync(1))[0].PhoneIds().ShouldBe(["c", "b", "a"]);
        (await callback.At("/geo").WaitForAsync(1))[0].PhoneIds().ShouldBe(["c", "b", "a"]);
        var document = await scene.Hub.GetStringAsync(scene.Keyed("json"));
        JsonElement.DeepEquals(JsonElement.Parse(callback.Deliveries[0].Text), JsonElement.Parse(document))
            .ShouldBeTrue(document + "\n" + callback.Deliveries[0].Text);
    }

    [Theory, BothDatabases]
    public async Task H29_Atom_and_RSS_leave_out_what_was_delivered_and_JSON_does_when_asked(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.PostEachAsync("a");
        foreach (var format in new[] { "atom", "rss", "json", "geojson" })
        {
            await scene.SubscribeAsync(scene.Keyed(format), callback.Url("/" + format),
                content: format.EndsWith("json", StringComparison.Ordinal) ? "delta" : null);
        }

        await scene.PostEachAsync("b", "c");

        foreach (var format in new[] { "atom", "rss", "json", "geojson" })
        {
            var path = callback.At("/" + format);
            await path.WaitUntilAsync(all => all.Where(one => one.IsDelivery).SelectMany(one => one.PhoneIds()).Contains("c"));
            path.Deliveries.SelectMany(one => one.PhoneIds().Reverse()).ShouldBe(["b", "c"], format);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task H30_One_Link_header_names_the_hub_and_the_canonical_topic(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        // Another spelling of the same topic: the publisher decides which one is canonical.
        var canonical = $"{scene.Bare(format == "xml" ? "rss" : format)}?kind=battery,geo&key={scene.Grant.Key}";
        await scene.SubscribeAsync($"{scene.Bare(format)}?key={scene.Grant.Key}&kind=geo&kind=battery", callback.Url());

        await scene.PostEachAsync("a");

        var delivery = (await callback.WaitForAsync(1))[0];
        delivery.Headers["Link"].Count.ShouldBe(1);
        var links = Links([delivery.Header("Link")!]);
        links.Where(link => link.Rel == "hub").ShouldHaveSingleItem().Target.ShouldBe(scene.Hub.BaseUrl + "/hub");
        var self = links.Where(link => link.Rel == "self").ShouldHaveSingleItem().Target;
        Uri.UnescapeDataString(self).ShouldBe(canonical);
        using var topic = await scene.Hub.Http.AskAsync(self);
        topic.Links().Where(link => link.Rel == "self").ShouldHaveSingleItem().Target.ShouldBe(self);
        links.Where(link => link.Rel == "status").ShouldHaveSingleItem().Target.ShouldStartWith(scene.Hub.BaseUrl + "/subscriptions/");
    }

    [Theory, BothDatabases]
    public async Task H31_Any_2xx_is_success(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(
            HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        for (var i = 1; i <= 4; i++)
        {
            await scene.PostEachAsync($"u{i}");
            (await callback.WaitForAsync(i))[^1].PhoneIds().ShouldBe([$"u{i}"]);
        }
    }

    [Theory, BothDatabases]
    public async Task H31_H33_A_redirect_is_a_failure_is_not_followed_and_is_tried_again(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        callback.Answers(
            CallbackReply.Redirect(callback.Url("/elsewhere")),
            CallbackReply.Redirect(callback.Url("/elsewhere"), HttpStatusCode.TemporaryRedirect),
            CallbackReply.Redirect(callback.Url("/elsewhere"), HttpStatusCode.PermanentRedirect),
            HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        await scene.PostEachAsync("a");

        (await callback.WaitForAsync(4)).ShouldAllBe(delivery => delivery.PhoneIds()[0] == "a");
        callback.At("/elsewhere").Requests.ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task H31_410_ends_the_subscription(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(HttpStatusCode.Gone);
        var other = callback.At("/other");
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.SubscribeAsync(scene.Topic, other.Url);

        await scene.PostEachAsync("a");
        await callback.WaitForAsync(1);
        await Eventually.ShouldAsync(async () => (await scene.SubscriptionAsync(callback.Url()))?.State != "active");
        await scene.PostEachAsync("b");
        await other.WaitUntilAsync(all => all.Where(one => one.IsDelivery).SelectMany(one => one.PhoneIds()).Contains("b"));

        callback.Deliveries.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task H32_The_body_of_a_callbacks_answer_means_nothing()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.AnsweringAsync(
            CallbackReply.Text(HttpStatusCode.OK, "error: please unsubscribe me"),
            CallbackReply.Text(HttpStatusCode.OK, new string('x', 200_000)),
            HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        for (var i = 1; i <= 3; i++)
        {
            await scene.PostEachAsync($"u{i}");
            (await callback.WaitForAsync(i))[^1].PhoneIds().ShouldBe([$"u{i}"]);
        }
    }

    [Theory, BothDatabases]
    public async Task H33_H34_A_failing_callback_keeps_its_subscription_and_gets_everything_in_order(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(
            HttpStatusCode.InternalServerError, HttpStatusCode.NotFound, HttpStatusCode.Forbidden, CallbackReply.Reset,
            HttpStatusCode.NoContent);
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        await scene.PostEachAsync("a");
        await callback.WaitForAsync(2);
        (await scene.SubscriptionAsync(callback.Url()))!.State.ShouldBe("active");
        await scene.PostEachAsync("b");

        await callback.WaitUntilAsync(
            all => all.Count(one => one.IsDelivery) >= 5 && all.Any(one => one.IsDelivery && one.PhoneIds().Contains("b")));
        callback.Deliveries.SelectMany(one => one.PhoneIds().Reverse()).Distinct().ShouldBe(["a", "b"]);
        (await scene.SubscriptionAsync(callback.Url()))!.State.ShouldBe("active");
    }

    [Theory]
    [InlineData(null, "sha256")]
    [InlineData("sha1", "sha1")]
    [InlineData("sha256", "sha256")]
    [InlineData("sha384", "sha384")]
    [InlineData("sha512", "sha512")]
    public async Task H35_H37_A_secret_signs_the_body_by_the_method_that_was_asked_for(string? asked, string method)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "geheim é", signature: asked);

        await scene.PostEachAsync("a");

        var delivery = (await callback.WaitForAsync(1))[0];
        delivery.Header("X-Hub-Signature").ShouldStartWith(method + "=");
        delivery.IsSignedWith("geheim é").ShouldBeTrue();
    }

    [Fact]
    public async Task H35_Without_a_secret_there_is_no_signature()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        await scene.PostEachAsync("a");

        (await callback.WaitForAsync(1))[0].Header("X-Hub-Signature").ShouldBeNull();
    }

    [Fact]
    public async Task H36_The_callback_is_used_exactly_as_it_was_given()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        const string path = "/A//b/%2F/c;d=1/";
        const string query = "?q=%C3%A9&s=a+b%20c&empty=&flag";

        await scene.SubscribeAsync(scene.Topic, callback.Url(path + query));
        await scene.PostEachAsync("a");

        var delivery = (await callback.At(path).WaitForAsync(1))[0];
        delivery.Query.ShouldBe(query);
        callback.At(path).Verifications[0].Query.ShouldStartWith(query + "&");
    }

    // docs/architecture.md, Rules of delivery: the headers name this POST and its positions.
    [Theory, BothDatabases]
    public async Task Deliveries_carry_a_name_and_their_positions(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        await scene.PostEachAsync("a");
        await callback.WaitForAsync(1);
        await scene.PostEachAsync("b");
        var deliveries = await callback.WaitForAsync(2);

        deliveries.Select(one => one.Header("Hub-Updates")).ShouldBe(["1-1", "2-2"]);
        deliveries.Select(one => one.Header("Hub-Delivery")).ShouldBeUnique();
        deliveries.ShouldAllBe(one => !string.IsNullOrEmpty(one.Header("Hub-Delivery")));
        deliveries.ShouldAllBe(one => one.Header("User-Agent")!.StartsWith("ActivityHub/", StringComparison.Ordinal));
    }

    [Theory, BothDatabases]
    public async Task A_subscription_may_start_after_a_position(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.PostEachAsync("a", "b", "c");

        await scene.SubscribeAsync(scene.Topic, callback.Url(), after: "1");

        await callback.WaitUntilAsync(all => all.Where(one => one.IsDelivery).SelectMany(one => one.PhoneIds()).Contains("c"));
        callback.Deliveries.SelectMany(one => one.PhoneIds().Reverse()).ShouldBe(["b", "c"]);
    }

    // An update that arrives during the verification is later than the 202, so the subscriber gets it.
    [Theory, BothDatabases]
    public async Task Who_starts_after_a_position_that_is_not_there_is_told_of_the_gap_and_misses_nothing_new(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.PostEachAsync("a");
        var released = new TaskCompletionSource();
        callback.Verifies(CallbackReply.HangUntil(released.Task, CallbackReply.Echo), CallbackReply.Echo);

        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url(), after: "1000");
        await callback.WaitForVerificationAsync();
        await scene.PostEachAsync("b");
        released.SetResult();
        var first = (await callback.WaitForAsync(1))[0];
        await scene.Hub.SubscribeAsync(scene.Topic, callback.Url(), after: "2000");
        await callback.WaitForVerificationAsync(2);
        await scene.PostEachAsync("c");
        // A renewal with a position waits until an earlier POST must have ended.
        var second = (await callback.Default.WaitForAsync(2, TimeSpan.FromSeconds(20)))[1];

        first.PhoneIds().ShouldBe(["b"]);
        first.Header("Hub-Gap").ShouldBe("2-1000");
        second.PhoneIds().ShouldBe(["c"]);
    }

    [Theory, BothDatabases]
    public async Task The_status_link_shows_the_subscription_to_its_subscriber_alone(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.PostEachAsync("a");
        var delivery = (await callback.WaitForAsync(1))[0];
        var status = Links([delivery.Header("Link")!]).Single(link => link.Rel == "status").Target;

        using var asJson = await scene.Hub.Http.AskAsync(status, ("Accept", "application/json"));
        using var asPage = await scene.Hub.Http.AskAsync(status, ("Accept", "text/html"));
        using var without = await scene.Hub.Http.AskAsync(status[..status.IndexOf('?', StringComparison.Ordinal)]);
        using var wrong = await scene.Hub.Http.AskAsync(status[..status.IndexOf('?', StringComparison.Ordinal)] + "?key=wrong");

        (await asJson.JsonAsync()).GetProperty("state").GetString().ShouldBe("active");
        asJson.Headers.CacheControl!.ToString().ShouldContain("private");
        asPage.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await asPage.TextAsync()).ShouldContain("active");
        without.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        wrong.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
