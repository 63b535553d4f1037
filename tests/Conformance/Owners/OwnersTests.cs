using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>The owner's API: accounts, devices, keys and feeds.</summary>
public sealed class OwnersTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task An_account_gets_a_token_and_its_password_another(Database database)
    {
        var hub = await hubs.OnAsync(database);
        var email = $"{Guid.NewGuid():N}@example.org";
        var json = JsonSerializer.Serialize(new { email, password = "a long password" });

        using var created = await hub.Http.PostJsonAsync("/api/accounts", json);
        using var again = await hub.Http.PostJsonAsync("/api/accounts", json.Replace("a long", "another", StringComparison.Ordinal));
        using var token = await hub.Http.PostJsonAsync("/api/tokens", json);
        using var wrong = await hub.Http.PostJsonAsync("/api/tokens", json.Replace("a long", "a wrong", StringComparison.Ordinal));
        using var nobody = await hub.Http.PostJsonAsync("/api/tokens", """{"email":"nobody@example.org","password":"a wrong password"}""");

        var account = await created.JsonAsync(HttpStatusCode.Created);
        account.GetProperty("id").GetString().ShouldNotBeNullOrEmpty();
        var second = (await token.JsonAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!;
        second.ShouldNotBe(account.GetProperty("token").GetString());
        await again.ProblemAsync(HttpStatusCode.Conflict);
        (await wrong.ProblemAsync(HttpStatusCode.Unauthorized)).GetProperty("detail").GetString()
            .ShouldBe((await nobody.ProblemAsync(HttpStatusCode.Unauthorized)).GetProperty("detail").GetString());
        foreach (var works in new[] { account.GetProperty("token").GetString()!, second })
        {
            using var devices = await hub.Http.AskAsync("/api/devices", ("Authorization", Bearer(works)));
            devices.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("""{"password":"a long password"}""", "email")]
    [InlineData("""{"email":"no address","password":"a long password"}""", "email")]
    [InlineData("""{"email":"a@example.org"}""", "password")]
    [InlineData("""{"email":"a@example.org","password":"short"}""", "password")]
    [InlineData("""{"email":"a@example.org","password":"a long password","role":"admin"}""", "role")]
    [InlineData("""{"email":7,"password":"a long password"}""", "email")]
    public async Task A_wrong_sign_up_is_named(string json, string path)
    {
        var hub = await hubs.OnAsync(Database.Sqlite);

        using var answer = await hub.Http.PostJsonAsync("/api/accounts", json);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateArray()
            .Select(error => error.GetProperty("path").GetString()).ShouldContain(path);
    }

    [Fact]
    public async Task Sign_up_may_be_closed()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Accounts:SignUp"] = "closed");

        using var answer = await hub.Http.PostJsonAsync("/api/accounts", """{"email":"a@example.org","password":"a long password"}""");

        await answer.ProblemAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("GET", "/api/devices")]
    [InlineData("POST", "/api/devices")]
    [InlineData("PATCH", "/api/devices/x")]
    [InlineData("DELETE", "/api/devices/x")]
    [InlineData("POST", "/api/devices/x/key")]
    [InlineData("PATCH", "/api/feeds/x")]
    [InlineData("GET", "/api/feeds/x/grants")]
    [InlineData("POST", "/api/feeds/x/grants")]
    [InlineData("PATCH", "/api/grants/x")]
    [InlineData("DELETE", "/api/grants/x")]
    [InlineData("GET", "/api/feeds/x/subscriptions")]
    [InlineData("POST", "/api/feeds/x/subscriptions")]
    [InlineData("GET", "/api/subscriptions/x/attempts")]
    [InlineData("POST", "/api/subscriptions/x/resume")]
    [InlineData("POST", "/api/subscriptions/x/replay")]
    [InlineData("DELETE", "/api/subscriptions/x")]
    public async Task Without_an_account_token_everything_is_401(string method, string path)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        string?[] credentials = [null, Bearer("at_wrong"), Bearer(scene.Phone.Key), Bearer(scene.Grant.Key!), "Bearer"];

        foreach (var credential in credentials)
        {
            (string, string)[] headers = credential is null ? [] : [("Authorization", credential)];
            using var body = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            using var answer = await scene.Hub.Http.SendAsync(
                new HttpMethod(method), path, method is "POST" or "PATCH" ? body : null, headers);
            await answer.ProblemAsync(HttpStatusCode.Unauthorized);
            answer.Headers.WwwAuthenticate.ShouldContain(challenge => challenge.Scheme == "Bearer");
        }
    }

    [Theory, BothDatabases]
    public async Task A_device_shows_its_key_once_and_its_addresses_work(Database database)
    {
        var owner = await (await hubs.OnAsync(database)).SignUpAsync();

        using var created = await owner.Http.PostJsonAsync("/api/devices", """{"name":"my phone 📱"}""");

        var device = await created.JsonAsync(HttpStatusCode.Created);
        device.GetProperty("name").GetString().ShouldBe("my phone 📱");
        var feed = device.GetProperty("feed");
        var urls = feed.GetProperty("urls");
        urls.EnumerateObject().Select(url => url.Name)
            .ShouldBe(["atom", "rss", "json", "js", "geojson", "stream", "updates"], ignoreOrder: true);
        foreach (var format in new[] { "atom", "rss", "json", "js", "geojson" })
        {
            using var document = await owner.Http.AskAsync(urls.GetProperty(format).GetString()!);
            document.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var (key, ingest) = (device.GetProperty("key").GetString()!, device.GetProperty("ingestUrl").GetString()!);
        using var written = await owner.Http.SendAsync(
            HttpMethod.Post, urls.GetProperty("updates").GetString()!, Chunked("""{"kind":"x"}"""u8.ToArray()),
            ("Authorization", Bearer(key)));
        written.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var list = await owner.Http.AskAsync("/api/devices");
        var listed = await list.TextAsync();
        listed.ShouldContain(device.GetProperty("id").GetString()!);
        listed.ShouldNotContain(key);
        listed.ShouldNotContain(ingest[(ingest.LastIndexOf('/') + 1)..]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":"a\u0000b"}""")]
    [InlineData("""{"name":"a","colour":"blue"}""")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_wrong_device_is_named_and_not_made(string json)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var created = await scene.Owner.Http.PostJsonAsync("/api/devices", json);
        using var changed = await scene.Owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/devices/{scene.Phone.Id}", json);

        await created.ProblemAsync(HttpStatusCode.BadRequest);
        if (json != "{}")
        {
            await changed.ProblemAsync(HttpStatusCode.BadRequest);
        }

        var devices = (await scene.Owner.Http.JsonAsync("/api/devices")).GetProperty("items");
        devices.EnumerateArray().ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("phone");
    }

    [Theory, BothDatabases]
    public async Task A_device_is_renamed_and_its_feed_is_given_a_title_and_a_retention(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var renamed = await scene.Owner.Http.SendJsonAsync(
            HttpMethod.Patch, $"/api/devices/{scene.Phone.Id}", """{"name":"old phone"}""");
        using var titled = await scene.Owner.Http.SendJsonAsync(
            HttpMethod.Patch, $"/api/feeds/{scene.Feed}", """{"title":"Where <I> am","retentionDays":30}""");
        using var kept = await scene.Owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/feeds/{scene.Feed}", """{"retentionDays":0}""");

        (await renamed.JsonAsync()).GetProperty("name").GetString().ShouldBe("old phone");
        (await titled.JsonAsync()).GetProperty("retentionDays").GetInt32().ShouldBe(30);
        (await kept.JsonAsync()).GetProperty("title").GetString().ShouldBe("Where <I> am");
        (await scene.Hub.Http.JsonAsync(scene.Keyed("json"))).GetProperty("title").GetString().ShouldBe("Where <I> am");
        string[] wrongs = ["""{"retentionDays":-1}""", """{"retentionDays":40000}""", """{"retentionDays":"x"}""", """{"title":7}"""];
        foreach (var wrong in wrongs)
        {
            using var refused = await scene.Owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/feeds/{scene.Feed}", wrong);
            await refused.ProblemAsync(HttpStatusCode.BadRequest);
        }
    }

    [Theory, BothDatabases]
    public async Task A_new_key_revokes_the_old_one_at_once(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("a");

        using var renewed = await scene.Owner.Http.PostJsonAsync($"/api/devices/{scene.Phone.Id}/key", "{}");
        using var old = await scene.Phone.TryPostAsync("""{"kind":"x"}""");
        using var oldAddress = await scene.Hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, """{"kind":"x"}""");

        var keys = await renewed.JsonAsync();
        await old.ProblemAsync(HttpStatusCode.Unauthorized);
        await oldAddress.ProblemAsync(HttpStatusCode.Unauthorized);
        using var byKey = await scene.Hub.Http.SendAsync(
            HttpMethod.Post, $"/feeds/{scene.Feed}/updates", Chunked("""{"kind":"x"}"""u8.ToArray()),
            ("Authorization", Bearer(keys.GetProperty("key").GetString()!)));
        using var byAddress = await scene.Hub.Http.PostJsonAsync(keys.GetProperty("ingestUrl").GetString()!, """{"kind":"x"}""");
        byKey.StatusCode.ShouldBe(HttpStatusCode.Created);
        byAddress.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory, BothDatabases]
    public async Task With_a_device_goes_its_feed_its_keys_and_its_subscriptions(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        using var removed = await scene.Owner.Http.DeleteAsync($"/api/devices/{scene.Phone.Id}", Cancel);

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var read = await scene.Hub.Http.AskAsync(scene.Keyed("atom"));
        using var own = await scene.Owner.Http.AskAsync(scene.Bare("atom"));
        using var written = await scene.Phone.TryPostAsync("""{"kind":"x"}""");
        using var again = await scene.Owner.Http.DeleteAsync($"/api/devices/{scene.Phone.Id}", Cancel);
        using var subscribed = await scene.Hub.TrySubscribeAsync(scene.Topic, callback.Url());
        read.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        own.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await written.ProblemAsync(HttpStatusCode.Unauthorized);
        await again.ProblemAsync(HttpStatusCode.NotFound);
        subscribed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied")).Parameter("hub.topic").ShouldBe(scene.Topic);
        (await scene.Owner.Http.JsonAsync("/api/devices")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task What_is_somebody_elses_is_not_there(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        var subscription = (await scene.SubscriptionAsync(callback.Url()))!.Id;
        var stranger = await scene.Hub.SignUpAsync();
        (string Method, string Path, string? Json)[] tries =
        [
            ("PATCH", $"/api/devices/{scene.Phone.Id}", """{"name":"mine"}"""),
            ("DELETE", $"/api/devices/{scene.Phone.Id}", null),
            ("POST", $"/api/devices/{scene.Phone.Id}/key", "{}"),
            ("PATCH", $"/api/feeds/{scene.Feed}", """{"title":"mine"}"""),
            ("POST", $"/api/feeds/{scene.Feed}/grants", """{"name":"me"}"""),
            ("GET", $"/api/feeds/{scene.Feed}/grants", null),
            ("PATCH", $"/api/grants/{scene.Grant.Id}", """{"name":"mine"}"""),
            ("DELETE", $"/api/grants/{scene.Grant.Id}", null),
            ("GET", $"/api/feeds/{scene.Feed}/subscriptions", null),
            ("GET", $"/api/subscriptions/{subscription}/attempts", null),
            ("DELETE", $"/api/subscriptions/{subscription}", null),
        ];

        foreach (var (method, path, json) in tries)
        {
            using var body = json is null ? null : new StringContent(json, System.Text.Encoding.UTF8, "application/json");
            using var answer = await stranger.Http.SendAsync(new HttpMethod(method), path, body);
            await answer.ProblemAsync(HttpStatusCode.NotFound);
        }

        (await stranger.Http.JsonAsync("/api/devices")).GetProperty("items").GetArrayLength().ShouldBe(0);
        await scene.PostEachAsync("a");
        await callback.WaitForAsync(1);
    }

    [Theory, BothDatabases]
    public async Task A_list_leads_on_without_repeating_or_leaving_out(Database database)
    {
        var owner = await (await hubs.OnAsync(database)).SignUpAsync();
        for (var i = 0; i < 7; i++)
        {
            await owner.AddDeviceAsync($"phone {i}");
        }

        var names = new List<string?>();
        for (var url = "/api/devices?limit=3"; url is not null;)
        {
            var page = await owner.Http.JsonAsync(url);
            page.GetProperty("items").GetArrayLength().ShouldBeLessThanOrEqualTo(3);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
            url = page.GetProperty("next").GetString();
        }

        names.ShouldBe(Enumerable.Range(0, 7).Select(i => $"phone {i}"), ignoreOrder: true);
        using var wrong = await owner.Http.AskAsync("/api/devices?limit=0");
        await wrong.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory, BothDatabases]
    public async Task The_hub_says_how_it_is_and_what_it_understands(Database database)
    {
        var hub = await hubs.OnAsync(database);

        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var answer = await hub.Http.AskAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var description = await hub.Http.JsonAsync("/openapi/v1.json");
        description.GetProperty("openapi").GetString().ShouldStartWith("3.");
        var paths = description.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        foreach (var path in new[] { "/api/accounts", "/api/tokens", "/api/devices", "/hub" })
        {
            paths.ShouldContain(path);
        }

        using var missing = await hub.Http.AskAsync("/api/nothing");
        missing.StatusCode.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.Unauthorized);
        missing.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }
}
