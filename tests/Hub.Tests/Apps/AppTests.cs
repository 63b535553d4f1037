using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActivityHub.Ledger.Apps;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

public sealed class AppTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_wrong_registration_names_every_fault(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options => options.Settings["Roles"] = "hub");
        var owner = await hub.SignUpAsync();
        using var response = await owner.Http.PostAsJsonAsync(
            "/api/apps",
            new
            {
                name = "",
                redirectUris = new[] { "https://ok.example/cb", "http://evil.example/" },
                homepage = "ftp://x/",
                colour = "red"
            }, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
        problem["errors"]!.AsArray().Select(error => (string)error!["path"]!)
            .ShouldBe(["name", "redirectUris[1]", "homepage", "colour"], ignoreOrder: true);

        using var nobody = await hub.Http.PostAsJsonAsync(
            "/api/apps", new { name = "x", redirectUris = new[] { "https://ok.example/" } }, Cancel);
        nobody.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory, BothDatabases]
    public async Task An_account_has_so_many_apps_and_no_more(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub";
            options.Settings["Apps:MaxPerAccount"] = "1";
        });
        var owner = await hub.SignUpAsync();
        var app = await OAuthScene.RegisterAsync(owner, "one", confidential: true, "https://ok.example/");
        ((string)app["clientSecret"]!).ShouldStartWith("cs_");
        var listed = (await owner.Http.GetFromJsonAsync<JsonObject>("/api/apps", Cancel))!["items"]!.AsArray()
            .ShouldHaveSingleItem()!.AsObject();
        listed.ContainsKey("clientSecret").ShouldBeFalse();
        ((bool)listed["confidential"]!).ShouldBeTrue();

        using var second = await owner.Http.PostAsJsonAsync(
            "/api/apps", new { name = "two", redirectUris = new[] { "https://ok.example/" } }, Cancel);
        second.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await owner.Http.DeleteAsync($"/api/apps/{(string)app["clientId"]!}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await OAuthScene.RegisterAsync(owner, "two", confidential: false, "https://ok.example/");
    }

    [Theory, BothDatabases]
    public async Task Apps_register_themselves_only_where_the_operator_lets_them(Database database)
    {
        var body = new
        {
            client_name = "self",
            redirect_uris = new[] { "https://self.example/cb" },
            token_endpoint_auth_method = "none",
            logo_uri = "https://self.example/l.png"
        };
        await using (var closed = await HubApp.StartAsync(database, options => options.Settings["Roles"] = "hub"))
        {
            using var refused = await closed.Http.PostAsJsonAsync("/oauth/register", body, Cancel);
            refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        await using var scene = await OAuthScene.SetAsync(database, options => options.Settings["Apps:DynamicRegistration"] = "true");
        using var wrong = await scene.Hub.Http.PostAsJsonAsync(
            "/oauth/register", new { client_name = "self", redirect_uris = new[] { "http://self.example/cb" } }, Cancel);
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string)(await wrong.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["error"]!).ShouldBe("invalid_redirect_uri");

        using var response = await scene.Hub.Http.PostAsJsonAsync("/oauth/register", body, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var app = (await response.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
        app.ContainsKey("client_secret").ShouldBeFalse();
        (await scene.Browser.GetAsync(
            scene.AuthorizeUrl(redirect: "https://self.example/cb", clientId: (string)app["client_id"]!))).Status.ShouldBe(
                HttpStatusCode.OK);
        var document = await scene.Hub.Http.GetFromJsonAsync<JsonObject>("/.well-known/oauth-authorization-server", Cancel);
        ((string)document!["registration_endpoint"]!).ShouldBe(scene.Hub.BaseUrl + "/oauth/register");
    }

    [Theory, BothDatabases]
    public async Task Apps_that_register_themselves_are_bounded_and_the_oldest_make_room(Database database)
    {
        var clock = new MovableClock();
        await using var scene = await OAuthScene.SetAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["Apps:DynamicRegistration"] = "true";
            options.Settings["Apps:MaxSelfRegistered"] = "3";
        });
        for (var i = 0; i < 3; i++)
        {
            (await RegisterAsync()).ShouldBe(HttpStatusCode.Created);
        }

        (await RegisterAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        clock.Forward(TimeSpan.FromMinutes(61));
        (await RegisterAsync()).ShouldBe(HttpStatusCode.Created);
        await using var context = await scene.ContextAsync();
        (await context.Apps.CountAsync(app => app.AccountId == null, Cancel)).ShouldBe(1);
        (await context.Apps.CountAsync(app => app.AccountId != null, Cancel)).ShouldBe(1);

        async Task<HttpStatusCode> RegisterAsync()
        {
            var body = new
            {
                client_name = "self",
                redirect_uris = new[] { "https://self.example/cb" },
                token_endpoint_auth_method = "none"
            };
            using var response = await scene.Hub.Http.PostAsJsonAsync("/oauth/register", body, Cancel);
            return response.StatusCode;
        }
    }

    [Theory, BothDatabases]
    public async Task A_page_of_an_app_may_ask_from_a_browser(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options => options.Settings["Roles"] = "hub");
        foreach (var path in new[] { "/oauth/token", "/oauth/revoke", "/api/app/feeds" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, path);
            using var response = await hub.Http.SendAsync(request, Cancel);
            response.StatusCode.ShouldBe(HttpStatusCode.NoContent, path);
            response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        }

        using var refused = await hub.Http.GetAsync("/api/app/feeds", Cancel);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }
}
