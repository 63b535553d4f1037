using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>
/// What POST /hub takes and writes down, with a hub that plays no workers, so that nothing moves the rows afterwards. The numbers are
/// those of docs/websub.md.
/// </summary>
public sealed class HubRequestTests
{
    private const string Callback = "http://127.0.0.1:9/cb?a=1&a=2";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task H14_H18_A_request_is_heard_and_written_down_before_anybody_is_asked(Database database)
    {
        await using var scene = await Scene.SetAsync(database);

        using var answer = await scene.Hub.TrySubscribeAsync(
            scene.Topic, Callback, secret: "geheim", leaseSeconds: 3600, content: "delta", signature: "sha512");

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBeEmpty();
        var row = (await scene.PendingAsync()).ShouldHaveSingleItem();
        (row.Mode, row.Number, row.Callback, row.LeaseSeconds, row.Delta, row.Signature)
            .ShouldBe((VerificationMode.Subscribe, 1, Callback, 3600, true, SignatureMethod.Sha512));
        var box = scene.Hub.Services.GetRequiredService<SecretBox>();
        box.TryOpen(row.Topic).ShouldBe(scene.Topic);
        box.TryOpen(row.Secret!).ShouldBe("geheim");
        row.Tries.ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task H6_H8_Requests_of_one_subscription_are_numbered_also_when_they_come_at_once(Database database)
    {
        await using var scene = await Scene.SetAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => scene.Hub.SubscribeAsync(scene.Topic, Callback, secret: $"secret {i}")));

        (await scene.PendingAsync()).Select(row => row.Number).Order().ShouldBe([1, 2, 3, 4]);
    }

    [Theory, BothDatabases]
    public async Task Only_the_newest_requests_of_one_subscription_wait(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        for (var i = 0; i < 12; i++)
        {
            await scene.Hub.SubscribeAsync(scene.Topic, Callback);
        }

        (await scene.PendingAsync()).Select(row => row.Number).Order().ShouldBe([8, 9, 10, 11, 12]);
    }

    [Fact]
    public async Task H12_Spellings_of_one_topic_and_one_callback_are_one_subscription()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);

        await scene.Hub.SubscribeAsync(scene.Topic + "&kind=geo,battery", "http://127.0.0.1:9/~x");
        await scene.Hub.SubscribeAsync(
            scene.Topic.Replace("?", "?kind=battery&kind=geo&", StringComparison.Ordinal), "http://127.0.0.1:9/%7Ex");

        var rows = await scene.PendingAsync();
        rows.Select(row => Convert.ToHexString(row.Identity)).Distinct().Count().ShouldBe(1);
        rows.Select(row => row.Kinds).Distinct().ShouldBe(["battery,geo"]);
    }

    [Theory, BothDatabases]
    public async Task A_feed_that_is_not_there_and_one_that_is_not_open_are_refused_in_the_same_words(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var bare = scene.Topic[..scene.Topic.IndexOf('?', StringComparison.Ordinal)];

        var answers = new List<(HttpStatusCode, string)>();
        foreach (var topic in new[] { bare, bare + "?key=rk_wrong",
            bare.Replace(scene.Device.Feed, "000000000000", StringComparison.Ordinal), bare + "?key=" + scene.Device.Key })
        {
            using var answer = await scene.Hub.TrySubscribeAsync(topic, Callback);
            answers.Add((answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)));
        }

        answers.Distinct().ShouldHaveSingleItem().Item1.ShouldBe(HttpStatusCode.NotFound);
        (await scene.PendingAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_grant_to_read_alone_does_not_let_subscribe()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var reader = await scene.Owner.GrantAsync(scene.Device.Feed, new TestGrantRequest { Rights = ["read"] });

        using var answer = await scene.Hub.TrySubscribeAsync(reader.Urls.Json, Callback);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_lease_never_outlives_its_grant()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var grant = await scene.Owner.GrantAsync(
            scene.Device.Feed, new TestGrantRequest { Until = TimeProvider.System.GetUtcNow().AddHours(1) });

        await scene.Hub.SubscribeAsync(grant.Urls.Json, Callback, leaseSeconds: 86_400);

        (await scene.PendingAsync()).ShouldHaveSingleItem().LeaseSeconds.ShouldBeInRange(3500, 3600);
    }

    [Fact]
    public async Task An_owners_token_and_a_key_in_a_header_open_the_topic_too()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var bare = scene.Topic[..scene.Topic.IndexOf('?', StringComparison.Ordinal)];

        await scene.Hub.SubscribeAsync($"{bare}?key={scene.Owner.Token}", Callback);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hub");
        request.Headers.Add("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("anybody:" + scene.Grant.Key)));
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["hub.mode"] = "subscribe",
            ["hub.topic"] = bare,
            ["hub.callback"] = Callback,
        });
        using var answer = await scene.Hub.Http.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await scene.PendingAsync()).Select(row => row.GrantId is null).ShouldBe([true, false], ignoreOrder: true);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("17", true)]
    [InlineData("-1", false)]
    [InlineData("now", false)]
    public async Task A_start_after_is_a_position_and_may_be_ahead(string after, bool taken)
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);

        using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, Callback, after: after);

        answer.StatusCode.ShouldBe(taken ? HttpStatusCode.Accepted : HttpStatusCode.BadRequest);
        (await scene.PendingAsync()).Select(row => row.After).ShouldBe(taken ? [long.Parse(after)] : []);
    }

    [Fact]
    public async Task H16_A_refusal_says_why_in_plain_text()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);

        using var answer = await scene.Hub.TrySubscribeAsync("https://other.example.org/feeds/x.atom", "ftp://x", leaseSeconds: -1);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        (await answer.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
    }

    [Fact]
    public async Task H16_A_body_that_is_no_form_or_too_large_is_refused_in_plain_text()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        using var json = JsonContent.Create(new { mode = "subscribe" });
        using var large = new StringContent(new string('x', 70_000), Encoding.UTF8, "application/x-www-form-urlencoded");
        using var nothing = new ByteArrayContent([]);

        foreach (var (content, status) in new (HttpContent, HttpStatusCode)[]
        {
            (json, HttpStatusCode.UnsupportedMediaType), (large, HttpStatusCode.RequestEntityTooLarge),
            (nothing, HttpStatusCode.UnsupportedMediaType),
        })
        {
            using var answer = await scene.Hub.Http.PostAsync("/hub", content, Cancel);
            answer.StatusCode.ShouldBe(status);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        }
    }

    // One host is one host, however it is written and whatever its port; and what waits counts in the ledger, not in a process.
    [Theory, BothDatabases]
    public async Task A_host_that_never_confirms_gets_no_more_than_its_share(Database database)
    {
        await using var scene = await Scene.SetAsync(database, options => options.Settings["Subscriptions:PendingPerHost"] = "6");
        string[] spellings = ["127.0.0.1:9/a", "127.0.0.1:10/b", "127.1:9/c", "2130706433/d", "0x7f.0.0.1/e", "[::ffff:127.0.0.1]:9/f"];
        foreach (var spelling in spellings)
        {
            await scene.Hub.SubscribeAsync(scene.Topic, $"http://{spelling}");
        }

        using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, "HTTPS://127.0.0.1/one-more");

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        await scene.Hub.SubscribeAsync(scene.Topic, "http://127.0.0.2:9/another-host");
        await scene.Hub.RestartAsync();
        using var again = await scene.Hub.TrySubscribeAsync(scene.Topic, "http://127.0.0.1:9/one-more");
        again.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_host_whose_requests_were_settled_gets_its_share_again()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite, options => options.Settings["Subscriptions:PendingPerHost"] = "1");
        await scene.ConfirmAsync(Callback);

        await Eventually.ShouldAsync(async () =>
        {
            using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, "http://127.0.0.1:9/one-more");
            return answer.StatusCode == HttpStatusCode.Accepted;
        });
    }

    [Fact]
    public async Task A_hub_takes_no_more_than_so_many_requests_that_wait()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite, options => options.Settings["Subscriptions:Pending"] = "3");
        for (var i = 1; i <= 3; i++)
        {
            await scene.Hub.SubscribeAsync(scene.Topic, $"http://127.0.0.{i}:9/");
        }

        using var answer = await scene.Hub.TrySubscribeAsync(scene.Topic, "http://127.0.0.4:9/");

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_client_that_asks_too_often_is_turned_away_and_nobody_else()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite, options =>
        {
            options.Settings["Hub:TrustedProxies"] = "127.0.0.0/8";
            options.Settings["Subscriptions:ClientBurst"] = "5";
            options.Settings["Subscriptions:ClientPerSecond"] = "1";
        });

        var first = await FloodAsync(scene, i => $"2001:db8:1:2::{i:x}");
        var neighbour = await FloodAsync(scene, i => "2001:db8:1:3::1");
        var mapped = await FloodAsync(scene, i => i % 2 == 0 ? "203.0.113.7" : "::ffff:203.0.113.7");

        foreach (var answers in new[] { first, neighbour, mapped })
        {
            answers.Count(status => status == HttpStatusCode.NoContent).ShouldBeInRange(5, 10);
            answers.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task A_feed_takes_so_many_requests_at_once_in_whatever_format_and_wrong_keys_use_up_none()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite, options =>
        {
            options.Settings["Subscriptions:TopicBurst"] = "4";
            options.Settings["Subscriptions:TopicPerSecond"] = "1";
        });
        for (var i = 0; i < 20; i++)
        {
            using var wrong = await scene.Hub.TrySubscribeAsync(scene.Topic + "x", Callback);
            wrong.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        string[] topics = [scene.Grant.Urls.Atom, scene.Grant.Urls.Rss, scene.Grant.Urls.Json, scene.Grant.Urls.Geojson];
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => scene.Hub.TrySubscribeAsync(topics[i % 4], $"http://127.0.0.1:9/{i}")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted).ShouldBeInRange(4, 30);
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        (await refused.Content.ReadAsStringAsync(Cancel))
            .ShouldBe("Too many requests to subscribe to this feed come at once; try again later.\n");
        foreach (var answer in answers)
        {
            answer.Dispose();
        }

        var other = await scene.Owner.AddDeviceAsync();
        await scene.Hub.SubscribeAsync((await scene.Owner.GrantAsync(other.Feed)).Urls.Atom, Callback);
    }

    private static async Task<IReadOnlyList<HttpStatusCode>> FloodAsync(Scene scene, Func<int, string> address)
    {
        var answers = new List<HttpStatusCode>();
        for (var i = 1; i <= 30; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/hub")
            {
                Content = new FormUrlEncodedContent(
                    [KeyValuePair.Create("hub.mode", "publish"), KeyValuePair.Create("hub.url", scene.Topic)]),
            };
            request.Headers.Add("X-Forwarded-For", address(i));
            using var answer = await scene.Hub.Http.SendAsync(request, Cancel);
            answers.Add(answer.StatusCode);
        }

        return answers;
    }

    [Theory, BothDatabases]
    public async Task H5_Unsubscribing_asks_the_callback_of_what_is_there(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        await scene.ConfirmAsync(Callback);

        await scene.Hub.UnsubscribeAsync(scene.Topic, Callback);

        var row = (await scene.PendingAsync()).ShouldHaveSingleItem();
        (row.Mode, row.Number).ShouldBe((VerificationMode.Unsubscribe, 2));
    }

    [Theory, BothDatabases]
    public async Task Unsubscribing_needs_no_key_that_still_opens(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        await scene.ConfirmAsync(Callback);
        await scene.DropGrantAsync();

        await scene.Hub.UnsubscribeAsync(scene.Topic, Callback);

        (await scene.PendingAsync()).ShouldHaveSingleItem().Mode.ShouldBe(VerificationMode.Unsubscribe);
    }

    [Fact]
    public async Task H18_Unsubscribing_from_nothing_is_heard_too()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);

        await scene.Hub.UnsubscribeAsync(scene.Topic, Callback);
        await scene.Hub.UnsubscribeAsync(scene.Topic.Replace(scene.Device.Feed, "000000000000", StringComparison.Ordinal), Callback);

        (await scene.PendingAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_ping_of_a_publisher_is_answered_204_whether_or_not_there_is_such_a_feed()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var nobodys = scene.Topic.Replace(scene.Device.Feed, "000000000000", StringComparison.Ordinal);
        var woken = new List<Signal>();
        using var listening = scene.Hub.Services.GetRequiredService<LedgerSignals>().Listen(woken.Add);

        using var answer = await scene.Hub.PostHubAsync(("hub.mode", "publish"), ("hub.url", scene.Topic), ("hub.url", nobodys),
            ("hub.topic", scene.Topic));
        using var foreign = await scene.Hub.PostHubAsync(("hub.mode", "publish"), ("hub.url", "https://other.example.org/feed"));

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        foreign.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        woken.ShouldHaveSingleItem().Kind.ShouldBe(SignalKind.Updates);
    }

    [Theory, BothDatabases]
    public async Task H22_H23_A_revoked_grant_ends_its_subscriptions_and_tells_their_callbacks(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        await scene.ConfirmAsync(Callback);
        await scene.Hub.SubscribeAsync(scene.Topic, Callback, secret: "renewed");
        await scene.Hub.SubscribeAsync(scene.Topic, "http://127.0.0.1:9/other");
        var other = await scene.Owner.GrantAsync(scene.Device.Feed);
        await scene.Hub.SubscribeAsync(other.Urls.Rss, Callback);

        await scene.Owner.RevokeAsync(scene.Grant);

        var rows = await scene.PendingAsync();
        rows.Count(row => row.Mode == VerificationMode.Subscribe).ShouldBe(1);
        var denied = rows.Where(row => row.Mode == VerificationMode.Denied).ToList();
        denied.Select(row => row.Callback).ShouldBe([Callback, "http://127.0.0.1:9/other"], ignoreOrder: true);
        denied.ShouldAllBe(row => row.Reason == "The owner ended this access." && row.Secret == null);
        var subscription = (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).ShouldHaveSingleItem();
        (subscription.State, subscription.Lane, subscription.Cursor).ShouldBe(("denied", null, null));
        await using var context = await scene.ContextAsync();
        (await context.Cursors.AnyAsync(Cancel)).ShouldBeFalse();
        var row = await context.Subscriptions.SingleAsync(Cancel);
        row.Secret.ShouldBeNull();
        // A confirmation of the renewal that is still on its way is void; the denial is not.
        row.AppliedRequest.ShouldBe(2);
        denied.Single(one => one.Callback == Callback).Number.ShouldBe(3);
    }

    [Theory, BothDatabases]
    public async Task Taking_back_the_right_to_subscribe_ends_what_is_subscribed_and_an_earlier_end_shortens_leases(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        await scene.ConfirmAsync(Callback);
        var until = TimeProvider.System.GetUtcNow().AddHours(1);

        using var shorter = await scene.Owner.Http.PatchAsJsonAsync($"/api/grants/{scene.Grant.Id}", new { until }, Cancel);

        shorter.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using (var context = await scene.ContextAsync())
        {
            (await context.Subscriptions.SingleAsync(Cancel)).LeaseUntil!.Value.ShouldBe(until, TimeSpan.FromMilliseconds(1));
        }

        using var readOnly = await scene.Owner.Http.PatchAsJsonAsync($"/api/grants/{scene.Grant.Id}", new { rights = new[] { "read" } },
            Cancel);

        readOnly.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).ShouldHaveSingleItem().State.ShouldBe("denied");
    }

    [Theory, BothDatabases]
    public async Task The_owner_sees_and_ends_a_subscription(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback, attempts: 3);

        var seen = (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).ShouldHaveSingleItem();
        (seen.Id, seen.Callback, seen.State, seen.Lane, seen.Cursor, seen.Behind)
            .ShouldBe((OpaqueId.Format(id), Callback, "active", "catchUp", "0", 0));
        seen.NextAttempt.ShouldNotBeNull();
        var first = JsonDocument.Parse(await scene.Owner.Http.GetStringAsync(
            $"/api/subscriptions/{seen.Id}/attempts?limit=2", Cancel)).RootElement;
        first.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("to").GetInt64()).ShouldBe([3, 2]);
        var rest = JsonDocument.Parse(await scene.Owner.Http.GetStringAsync(first.GetProperty("next").GetString(), Cancel)).RootElement;
        rest.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("to").GetInt64()).ShouldBe([1]);

        using var ended = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{seen.Id}", Cancel);
        using var again = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{seen.Id}", Cancel);

        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        again.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).ShouldHaveSingleItem().State.ShouldBe("denied");
        (await scene.PendingAsync()).ShouldHaveSingleItem().Reason.ShouldBe("The owner ended this subscription.");
    }

    [Theory, BothDatabases]
    public async Task A_removed_device_leaves_nothing_readable_and_tells_its_subscribers(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        await scene.ConfirmAsync(Callback);

        using var answer = await scene.Owner.Http.DeleteAsync($"/api/devices/{scene.Device.Id}", Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await using var context = await scene.ContextAsync();
        (await context.Feeds.AnyAsync(Cancel)).ShouldBeFalse();
        (await context.Devices.AnyAsync(Cancel)).ShouldBeFalse();
        (await context.Grants.AnyAsync(Cancel)).ShouldBeFalse();
        (await context.Cursors.AnyAsync(Cancel)).ShouldBeFalse();
        (await context.Chores.Select(chore => chore.Name).ToListAsync(Cancel)).ShouldContain($"erase:{scene.Device.Feed}");
        (await scene.PendingAsync()).ShouldHaveSingleItem().Mode.ShouldBe(VerificationMode.Denied);
    }

    [Theory, BothDatabases]
    public async Task The_status_link_shows_a_subscriber_its_own_subscription_alone(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback, attempts: 1);
        var link = $"/subscriptions/{OpaqueId.Format(id)}?key={scene.Hub.Services.GetRequiredService<RootKey>().StatusKey(id, 1)}";

        using var answer = await scene.Hub.Http.GetAsync(link, Cancel);
        using var wrong = await scene.Hub.Http.GetAsync(link + "x", Cancel);
        using var none = await scene.Hub.Http.GetAsync($"/subscriptions/{OpaqueId.Format(id)}", Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        var status = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        status.GetProperty("state").GetString().ShouldBe("active");
        status.GetProperty("cursor").GetInt64().ShouldBe(0);
        status.GetProperty("attempts").GetArrayLength().ShouldBe(1);
        wrong.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using var request = new HttpRequestMessage(HttpMethod.Get, link);
        request.Headers.Add("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
        using var page = await scene.Hub.Http.SendAsync(request, Cancel);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await page.Content.ReadAsStringAsync(Cancel)).ShouldContain("active");
    }
}
