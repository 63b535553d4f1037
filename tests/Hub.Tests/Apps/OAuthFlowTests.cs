using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

public sealed class OAuthFlowTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_app_reads_what_an_owner_gave_it(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        await scene.Device.PostAsync("""{ "kind": "battery", "data": { "level": 47 } }""");
        await scene.Device.PostAsync("""{ "kind": "calendar", "title": "dentist" }""");

        var (access, refresh, body) = await scene.TokensAsync(OAuthScene.Details.Replace("100m", "exact", StringComparison.Ordinal));

        ((string)body["token_type"]!).ShouldBe("Bearer");
        ((int)body["expires_in"]!).ShouldBeInRange(590, 600);
        var detail = body["authorization_details"]!.AsArray().ShouldHaveSingleItem()!;
        detail["kinds"]!.AsArray().Select(kind => (string)kind!).ShouldBe(["battery", "geo"]);
        ((string)detail["precision"]!).ShouldBe("exact");
        ((string)detail["history"]!).ShouldBe("all");
        ((string)detail["feeds"]![0]!).ShouldBe(scene.Device.Feed);

        var feed = (await scene.FeedsAsync(access)).ShouldHaveSingleItem()!;
        ((string)feed["id"]!).ShouldBe(scene.Device.Feed);
        ((string)feed["title"]!).ShouldBe("my phone");
        ((string)feed["grant"]!["precision"]!).ShouldBe("exact");
        var document = await scene.Hub.GetStringAsync((string)feed["urls"]!["json"]!);
        document.ShouldContain("Battery 47");
        document.ShouldNotContain("dentist");
        (await scene.StatusAsync($"/feeds/{scene.Device.Feed}.json")).ShouldBe(HttpStatusCode.NotFound);
        (await scene.StatusAsync($"/feeds/{scene.Device.Feed}.json", access)).ShouldBe(HttpStatusCode.OK);
        (await scene.StatusAsync($"/feeds/{scene.Device.Feed}.json", refresh)).ShouldBe(HttpStatusCode.NotFound);

        var consent = (await scene.ConsentsAsync()).ShouldHaveSingleItem()!;
        ((string)consent["app"]!["name"]!).ShouldBe("Battery <b>Map</b>");
        ((string)consent["grants"]![0]!["feed"]!).ShouldBe(scene.Device.Feed);
        scene.Hub.Logs.Mention(access).ShouldBeFalse();
        scene.Hub.Logs.Mention(refresh).ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task Consents_are_listed_by_pages_the_newest_first(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        await scene.AllowAsync();
        var other = await OAuthScene.RegisterAsync(scene.Developer, "Second", confidential: false, OAuthScene.Redirect);
        await scene.AllowAsync(scene.AuthorizeUrl(clientId: (string)other["clientId"]!));

        var names = new List<string>();
        for (var next = "/api/apps/consents?limit=1"; next is not null;)
        {
            var page = (await scene.Owner.Http.GetFromJsonAsync<JsonObject>(next, Cancel))!;
            names.Add((string)page["items"]!.AsArray().ShouldHaveSingleItem()!["app"]!["name"]!);
            next = (string?)page["next"];
        }

        names.ShouldBe(["Second", "Battery <b>Map</b>"]);
        (await scene.Owner.Http.GetAsync("/api/apps/consents?limit=0", Cancel)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory, BothDatabases]
    public async Task An_app_subscribes_by_the_addresses_that_it_finds(Database database)
    {
        await using var callback = await CallbackListener.StartAsync();
        await using var scene = await OAuthScene.SetAsync(database, options => options.Settings["Roles"] = "hub,feeds,workers");
        var (access, _, _) = await scene.TokensAsync();
        var topic = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;

        await scene.Hub.SubscribeAsync(topic, callback.Url());
        await Eventually.ShouldAsync(async () => await SubscriptionsAsync(scene) == 1);
        await using (var context = await scene.ContextAsync())
        {
            var consent = (string)(await scene.ConsentsAsync())[0]!["id"]!;
            (await scene.Owner.Http.DeleteAsync($"/api/apps/consents/{consent}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await SubscriptionsAsync(scene)).ShouldBe(0);
        (await scene.StatusAsync(topic)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory, BothDatabases]
    public async Task An_app_that_asked_for_it_writes_to_the_phone_until_the_consent_is_taken_back(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var url = scene.AuthorizeUrl("""[{"type":"activity_feed","kinds":["battery"],"actions":["read","reply"]}]""");
        (await scene.Browser.GetAsync(url)).Body.ShouldContain("send messages to the phone");
        var (_, body) = await scene.ExchangeAsync(await scene.AllowAsync(url, (scene.Field(), "on"), (scene.Field("kind.battery"), "on")));
        var (reader, _, _) = await scene.TokensAsync();

        using var written = await WriteAsync(scene, (string)body["access_token"]!);
        written.StatusCode.ShouldBe(HttpStatusCode.Created);
        written.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        var message = (await written.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
        ((string)message["from"]!).ShouldBe("Battery <b>Map</b>");
        using var byReader = await WriteAsync(scene, reader);
        byReader.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        foreach (var consent in await scene.ConsentsAsync())
        {
            (await scene.Owner.Http.DeleteAsync($"/api/apps/consents/{(string)consent!["id"]!}", Cancel)).StatusCode.ShouldBe(
                HttpStatusCode.NoContent);
        }

        var after = (await scene.Owner.Http.GetFromJsonAsync<JsonObject>(
            $"/api/feeds/{scene.Device.Feed}/messages/{(string)message["id"]!}", Cancel))!;
        ((string)after["state"]!).ShouldBe("revoked");
    }

    private static async Task<HttpResponseMessage> WriteAsync(OAuthScene scene, string token)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/api/feeds/{scene.Device.Feed}/messages")
        { Content = JsonContent.Create(new { text = "ready" }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await scene.Hub.Http.SendAsync(request, Cancel);
    }

    [Theory, BothDatabases]
    public async Task A_confidential_app_must_show_its_secret(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database, confidential: true);
        var code = await scene.AllowAsync();

        var (status, body) = await scene.TokenAsync(("client_secret", "cs_wrong"), ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", OAuthScene.Redirect), ("code_verifier", OAuthScene.Verifier));
        status.ShouldBe(HttpStatusCode.Unauthorized);
        ((string)body["error"]!).ShouldBe("invalid_client");

        (await scene.ExchangeAsync(code)).Status.ShouldBe(HttpStatusCode.OK);
        await using var context = await scene.ContextAsync();
        (await context.Apps.Select(app => app.ClientSecret).SingleAsync(Cancel))!.ShouldNotContain(scene.ClientSecret!);
    }

    // A secret that the hub draws has 256 bits: a slow hash would protect nothing, and let strangers burn the processor.
    [Theory, BothDatabases]
    public async Task A_secret_that_was_hashed_slowly_still_opens_and_is_hashed_anew(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database, confidential: true);
        await using var context = await scene.ContextAsync();
        (await context.Apps.Select(app => app.ClientSecret).SingleAsync(Cancel))!.ShouldStartWith("sha256:");
        byte[] salt = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        var key = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(
            scene.ClientSecret!, salt, 10_000, System.Security.Cryptography.HashAlgorithmName.SHA256, 32);
        var slow = Convert.ToBase64String([1, 0, 0, 0, 1, 0, 0, 0x27, 0x10, 0, 0, 0, 16, .. salt, .. key]);
        await context.Apps.ExecuteUpdateAsync(set => set.SetProperty(app => app.ClientSecret, slow), Cancel);

        var code = await scene.AllowAsync();
        (await scene.TokenAsync(("client_secret", "cs_" + new string('A', 43)), ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", OAuthScene.Redirect), ("code_verifier", OAuthScene.Verifier))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await scene.ExchangeAsync(code)).Status.ShouldBe(HttpStatusCode.OK);
        (await context.Apps.Select(app => app.ClientSecret).SingleAsync(Cancel))!.ShouldStartWith("sha256:");
        (await scene.ExchangeAsync(await scene.AllowAsync())).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, BothDatabases]
    public async Task A_code_works_once_within_a_minute_and_with_its_verifier(Database database)
    {
        var clock = new MovableClock();
        await using var scene = await OAuthScene.SetAsync(database, options => options.Time = clock);

        var code = await scene.AllowAsync();
        var (status, body) = await scene.ExchangeAsync(code, verifier: OAuthScene.Verifier + "x");
        status.ShouldBe(HttpStatusCode.BadRequest);
        ((string)body["error"]!).ShouldBe("invalid_grant");

        code = await scene.AllowAsync();
        clock.Forward(TimeSpan.FromSeconds(61));
        (await scene.ExchangeAsync(code)).Status.ShouldBe(HttpStatusCode.BadRequest);

        code = await scene.AllowAsync();
        var (_, first) = await scene.ExchangeAsync(code);
        (await scene.FeedsAsync((string)first["access_token"]!)).ShouldHaveSingleItem();
        (await scene.ExchangeAsync(code)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await scene.StatusAsync("/api/app/feeds", (string)first["access_token"]!)).ShouldBe(HttpStatusCode.Unauthorized);
        await using var context = await scene.ContextAsync();
        (await context.AppGrants.CountAsync(tie => context.Set<AppToken>().Any(token => token.Authorization!.Id == tie.ConsentId), Cancel))
            .ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task Only_the_challenge_by_SHA_256_is_taken(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        foreach (var url in new[]
        {
            scene.AuthorizeUrl(method: null), scene.AuthorizeUrl(responseType: "token"),
            scene.AuthorizeUrl(responseType: "id_token token"), scene.AuthorizeUrl() + "&response_mode=fragment",
            scene.AuthorizeUrl() + "&scope=openid",
        })
        {
            var (status, body, response) = await scene.Browser.GetAsync(url);
            status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.Found);
            (status == HttpStatusCode.Found ? response.Headers.Location!.Query : body).ShouldContain("error");
        }
    }

    [Theory, BothDatabases]
    public async Task A_redirect_that_was_not_registered_gets_nothing(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        foreach (var redirect in new[] { "https://app.example/cb", "https://app.example/cb?from=hub&x=1", "https://evil.example/",
            "HTTPS://app.example/cb?from=hub" })
        {
            var (status, _, response) = await scene.Browser.GetAsync(scene.AuthorizeUrl(redirect: redirect));
            status.ShouldBe(HttpStatusCode.BadRequest, redirect);
            response.Headers.Location.ShouldBeNull();
        }

        (await scene.Browser.GetAsync(scene.AuthorizeUrl(clientId: "nobody"))).Status.ShouldBe(HttpStatusCode.BadRequest);
        var code = await scene.AllowAsync();
        (await scene.ExchangeAsync(code, redirect: "https://app.example/other")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory, BothDatabases]
    public async Task A_native_app_takes_the_loopback_port_that_it_gets(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var app = await OAuthScene.RegisterAsync(scene.Developer, "native", confidential: false, "http://127.0.0.1/cb", "http://[::1]/cb");
        var clientId = (string)app["clientId"]!;

        var (status, page, response) = await scene.Browser.GetAsync(
            scene.AuthorizeUrl(redirect: "http://127.0.0.1:51004/cb", clientId: clientId));
        status.ShouldBe(HttpStatusCode.OK, page);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self' http://127.0.0.1:51004");
        (await scene.Browser.GetAsync(scene.AuthorizeUrl(redirect: "http://[::1]:51004/cb", clientId: clientId))).Status.ShouldBe(
            HttpStatusCode.OK);
        (await scene.Browser.GetAsync(scene.AuthorizeUrl(redirect: "http://127.0.0.1:51004/other", clientId: clientId))).Status.ShouldBe(
            HttpStatusCode.BadRequest);
        (await scene.Browser.GetAsync(scene.AuthorizeUrl(redirect: "http://localhost:51004/cb", clientId: clientId))).Status.ShouldBe(
            HttpStatusCode.BadRequest);

        // RFC 8252 §7.3: also where a port was registered.
        var pinned = (string)(await OAuthScene.RegisterAsync(
            scene.Developer, "pinned", confidential: false, "http://127.0.0.1:1234/cb?a=1", "http://[::1]:1234/cb"))["clientId"]!;
        foreach (var redirect in new[] { "http://127.0.0.1:54321/cb?a=1", "http://127.0.0.1/cb?a=1", "http://127.0.0.1:1234/cb?a=1",
            "http://[::1]:54321/cb" })
        {
            (await scene.Browser.GetAsync(scene.AuthorizeUrl(redirect: redirect, clientId: pinned))).Status.ShouldBe(
                HttpStatusCode.OK, redirect);
        }

        foreach (var redirect in new[] { "http://127.0.0.1:54321/cb", "http://127.0.0.2:1234/cb?a=1", "https://127.0.0.1:1234/cb?a=1",
            "http://x@127.0.0.1:1234/cb?a=1", "http://[::1]:54321/cb#x" })
        {
            (await scene.Browser.GetAsync(scene.AuthorizeUrl(redirect: redirect, clientId: pinned))).Status.ShouldBe(
                HttpStatusCode.BadRequest, redirect);
        }

        const string Other = "http://127.0.0.1:54321/cb?a=1";
        var code = await scene.AllowAsync(scene.AuthorizeUrl(redirect: Other, clientId: pinned));
        var (exchanged, tokens) = await scene.TokenAsync(
            ("client_id", pinned), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Other),
            ("code_verifier", OAuthScene.Verifier));
        exchanged.ShouldBe(HttpStatusCode.OK, tokens.ToJsonString());
    }

    [Theory, BothDatabases]
    public async Task An_owner_can_give_less_and_never_more(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        await scene.Device.PostAsync("""{ "kind": "battery", "data": { "level": 47 } }""");
        await scene.AllowAsync(
            null, (scene.Field(), "on"), (scene.Field("kind.battery"), "on"), (scene.Field("kind.calendar"), "on"),
            (scene.Field("all"), "on"), (scene.Field("precision"), "10km"), (scene.Field("history"), "none"), (scene.Field("delay"), "60"),
            (scene.Field("until"), "1d"));

        await using var context = await scene.ContextAsync();
        var grant = await context.Grants.AsNoTracking().SingleAsync(Cancel);
        grant.Name.ShouldBe("Battery <b>Map</b>");
        grant.IsPublic.ShouldBeFalse();
        grant.Kinds.ShouldBe("battery,geo");
        grant.Precision.ShouldBe(Precision.TenKilometres);
        grant.From.ShouldNotBeNull();
        grant.DelaySeconds.ShouldBe(60);
        grant.Until.ShouldNotBeNull();
        grant.Rights.ShouldBe(GrantRights.Read | GrantRights.Subscribe);

        // A form that was meddled with: what it raises stays as it was asked for.
        var less =
            """[{"type":"activity_feed","kinds":["battery"],"precision":"1km","delaySeconds":3600,"until":"2999-01-01T00:00:00Z"}]""";
        var code = await scene.AllowAsync(
            scene.AuthorizeUrl(less), (scene.Field(), "on"), (scene.Field("kind.battery"), "on"), (scene.Field("kind.geo"), "on"),
            (scene.Field("precision"), "exact"), (scene.Field("history"), "30d"), (scene.Field("delay"), "0"),
            (scene.Field("until"), "asked"));
        var (_, body) = await scene.ExchangeAsync(code);
        var given = body["authorization_details"]![0]!;
        given["kinds"]!.AsArray().Select(kind => (string)kind!).ShouldBe(["battery"]);
        ((string)given["precision"]!).ShouldBe("1km");
        ((int)given["delaySeconds"]!).ShouldBe(3600);
        given["actions"]!.AsArray().Select(action => (string)action!).ShouldBe(["read"]);
        DateTimeOffset.Parse((string)given["history"]!).ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(-5));
        ((string)given["until"]!).ShouldStartWith("2999");
    }

    [Theory, BothDatabases]
    public async Task The_page_says_who_asks_for_what_and_lets_nothing_else_in(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (_, page, response) = await scene.Browser.GetAsync(scene.AuthorizeUrl());
        page.ShouldContain("Battery &lt;b&gt;Map&lt;/b&gt;");
        page.ShouldContain("my phone");
        page.ShouldContain("to 100 m");
        page.ShouldNotContain(">exact<");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("form-action 'self' https://app.example");
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();

        using var nothing = await scene.Browser.SendAsync(page, ("choice.answer", "allow"));
        nothing.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await nothing.Content.ReadAsStringAsync(Cancel)).ShouldContain("Choose at least one phone");
        using var denied = await scene.Browser.SendAsync(page, (scene.Field(), "on"), ("choice.answer", "deny"));
        OAuthScene.Query(denied)["error"].ShouldBe("access_denied");

        using var forged = await scene.Browser.SendAsync(page.Replace("__RequestVerificationToken", "other", StringComparison.Ordinal),
            (scene.Field(), "on"), (scene.Field("kind.geo"), "on"), ("choice.answer", "allow"));
        forged.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var context = await scene.ContextAsync();
        (await context.AppConsents.CountAsync(Cancel)).ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task Who_is_not_signed_in_signs_in_first(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        using var stranger = Browser.Open(scene.Hub);
        var (status, _, response) = await stranger.GetAsync(scene.AuthorizeUrl());
        status.ShouldBe(HttpStatusCode.Found);
        var location = new Uri(new Uri(scene.Hub.BaseUrl + "/oauth/authorize"), response.Headers.Location!);
        location.AbsolutePath.ShouldBe("/sign-in");
        var returnUrl = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(location.Query)["returnUrl"].ToString();
        returnUrl.ShouldStartWith("/oauth/authorize?");
        (await scene.Browser.GetAsync(returnUrl)).Status.ShouldBe(HttpStatusCode.OK);

        var (_, _, silent) = await stranger.GetAsync(scene.AuthorizeUrl() + "&prompt=none");
        silent.Headers.Location.ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task What_is_not_understood_is_not_asked(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        foreach (var details in new string?[]
        {
            null,
            "[]",
            "{",
            """[{"type":"payment","kinds":null}]""",
            """[{"type":"activity_feed","kinds":null,"colour":"red"}]""",
            """[{"type":"activity_feed"}]""",
            """[{"type":"activity_feed","kinds":null,"precision":"5km"}]""",
            """[{"type":"activity_feed","kinds":null,"actions":["write"]}]""",
        })
        {
            var (status, body, response) = await scene.Browser.GetAsync(scene.AuthorizeUrl(details));
            status.ShouldBe(HttpStatusCode.BadRequest, body);
            response.Headers.Location.ShouldBeNull();
            var query = OAuthScene.LinkToApp(body);
            query["error"].ShouldBe("invalid_authorization_details", details);
            query["error_description"].ShouldContain("authorization_details");
            query["state"].ShouldBe("a b&c");
        }
    }

    // RFC 9700 §4.11.2: anybody may register an app, and make a link to the hub that leads to it.
    [Theory, BothDatabases]
    public async Task A_link_leads_a_browser_to_an_app_without_a_click_only_where_its_owner_knows_the_app(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        using var stranger = Browser.Open(scene.Hub);
        string[] faulty = [scene.AuthorizeUrl() + "&prompt=none", scene.AuthorizeUrl(details: "{")];
        foreach (var browser in new[] { stranger, scene.Browser })
        {
            foreach (var url in faulty)
            {
                var (status, body, response) = await browser.GetAsync(url);
                status.ShouldBe(HttpStatusCode.BadRequest, url);
                response.Headers.Location.ShouldBeNull(url);
                OAuthScene.LinkToApp(body).ShouldContainKey("error", url);
            }
        }

        await scene.AllowAsync();
        foreach (var url in faulty)
        {
            var (status, _, response) = await scene.Browser.GetAsync(url);
            status.ShouldBe(HttpStatusCode.Found, url);
            OAuthScene.Query(response).ShouldContainKey("error", url);
            (await stranger.GetAsync(url)).Response.Headers.Location.ShouldBeNull(url);
        }
    }

    [Theory, BothDatabases]
    public async Task The_documents_say_what_is_offered_under_the_public_address(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        foreach (var path in new[] { "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = "evil.example";
            using var response = await scene.Hub.Http.SendAsync(request, Cancel);
            var document = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
            ((string)document["issuer"]!).TrimEnd('/').ShouldBe(scene.Hub.BaseUrl);
            ((string)document["token_endpoint"]!).ShouldBe(scene.Hub.BaseUrl + "/oauth/token");
            ((string)document["authorization_endpoint"]!).ShouldBe(scene.Hub.BaseUrl + "/oauth/authorize");
            ((string)document["revocation_endpoint"]!).ShouldBe(scene.Hub.BaseUrl + "/oauth/revoke");
            Words(document, "code_challenge_methods_supported").ShouldBe(["S256"]);
            Words(document, "response_types_supported").ShouldBe(["code"]);
            Words(document, "response_modes_supported").ShouldBe(["query"]);
            Words(document, "authorization_details_types_supported").ShouldBe(["activity_feed"]);
            document.ContainsKey("registration_endpoint").ShouldBeFalse();
        }

        static IEnumerable<string> Words(JsonObject document, string name) => document[name]!.AsArray().Select(word => (string)word!);
    }

    private static async Task<int> SubscriptionsAsync(OAuthScene scene)
    {
        await using var context = await scene.ContextAsync();
        return await context.Subscriptions.CountAsync(row => row.State == Ledger.Subscriptions.SubscriptionState.Active, Cancel);
    }
}
