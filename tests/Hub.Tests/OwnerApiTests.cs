using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class OwnerApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task The_first_of_many_who_sign_up_at_once_is_the_only_administrator(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => hub.SignUpAsync()));

        await using var context = await ContextAsync(hub);
        (await context.Accounts.CountAsync(Cancel)).ShouldBe(8);
        (await context.Accounts.CountAsync(account => account.IsAdministrator, Cancel)).ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task One_email_address_has_one_account_however_it_is_spelled(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);

        var answers = await Task.WhenAll(new[] { "ada@example.org", "ADA@example.org", "Ada@Example.org" }.Select(email =>
            SignUpAsync(hub, email, "a long password")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict).ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task A_password_gives_a_token_and_a_wrong_one_is_like_an_unknown_address(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();

        using var right = await PostAsync(hub.Http, "/api/tokens", new { email = owner.Email, password = owner.Password });
        using var wrong = await PostAsync(hub.Http, "/api/tokens", new { email = owner.Email, password = "not that one" });
        using var nobody = await PostAsync(hub.Http, "/api/tokens", new { email = "nobody@example.org", password = "not that one" });

        right.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await ReadAsync(right)).GetProperty("token").GetString().ShouldStartWith("at_");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        wrong.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
        nobody.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await ReadAsync(wrong)).GetProperty("detail").GetString().ShouldBe((await ReadAsync(nobody)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Guessing_is_slowed_down_even_when_the_guess_is_right_at_last()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await PostAsync(hub.Http, "/api/tokens", new { email = owner.Email, password = $"guess {i}" });
            wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var next = await PostAsync(hub.Http, "/api/tokens",
            new { email = owner.Email.ToUpperInvariant(), password = owner.Password });

        next.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        next.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
    }

    [Fact]
    public async Task Closed_means_closed()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Accounts:SignUp"] = "closed");

        using var answer = await SignUpAsync(hub, "ada@example.org", "a long password");

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ReadAsync(answer)).GetProperty("detail").GetString()!.ShouldContain("Accounts:SignUp");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer at_wrong")]
    [InlineData("Bearer dk_wrong")]
    [InlineData("Basic YTpi")]
    [InlineData("nonsense")]
    public async Task Without_a_token_nobody_is_let_in(string? authorization)
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/devices");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var answer = await hub.Http.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Theory, BothDatabases]
    public async Task A_device_gets_a_feed_and_keys_that_are_shown_once(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();

        var device = await owner.AddDeviceAsync("Ada's phone");

        device.Key.ShouldStartWith("dk_");
        device.IngestUrl!.ShouldStartWith($"{hub.BaseUrl}/i/ik_");
        device.Urls.Geojson.ShouldBe($"{hub.BaseUrl}/feeds/{device.Feed}.geojson");
        var list = await owner.Http.GetStringAsync("/api/devices", Cancel);
        list.ShouldContain(device.Id);
        list.ShouldNotContain("dk_");
        list.ShouldNotContain("/i/");
    }

    [Theory, BothDatabases]
    public async Task A_new_key_voids_the_one_before_and_every_decision_made_with_it(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();
        var before = await FeedAsync(hub, device);

        using var answer = await owner.Http.PostAsync($"/api/devices/{device.Id}/key", null, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var keys = await ReadAsync(answer);
        keys.GetProperty("key").GetString().ShouldNotBe(device.Key);
        keys.GetProperty("ingestUrl").GetString().ShouldNotBe(device.IngestUrl);
        (await FeedAsync(hub, device)).ShouldBe(before + 1);
    }

    [Theory, BothDatabases]
    public async Task Lists_come_in_parts_and_lose_nothing(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();
        string?[] names = [.. Enumerable.Range(0, 5).Select(i => $"phone {i}")];
        foreach (var name in names)
        {
            await owner.AddDeviceAsync(name!);
        }

        var seen = new List<string?>();
        for (var next = "/api/devices?limit=2"; next is not null;)
        {
            var page = JsonDocument.Parse(await owner.Http.GetStringAsync(next, Cancel)).RootElement;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
            next = page.GetProperty("next").GetString();
        }

        seen.ShouldBe(names);
    }

    [Theory, BothDatabases]
    public async Task What_belongs_to_somebody_else_is_not_there(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var (ada, bob) = (await hub.SignUpAsync(), await hub.SignUpAsync());
        var device = await ada.AddDeviceAsync();
        var grant = await ada.GrantAsync(device.Feed);

        foreach (var (method, path) in new[]
        {
            ("PATCH", $"/api/devices/{device.Id}"), ("DELETE", $"/api/devices/{device.Id}"), ("POST", $"/api/devices/{device.Id}/key"),
            ("PATCH", $"/api/feeds/{device.Feed}"),
            ("POST", $"/api/feeds/{device.Feed}/grants"), ("GET", $"/api/feeds/{device.Feed}/grants"),
            ("GET", $"/api/feeds/{device.Feed}/subscriptions"),
            ("PATCH", $"/api/grants/{grant.Id}"), ("DELETE", $"/api/grants/{grant.Id}"), ("DELETE", "/api/grants/000000000000"),
            ("DELETE", "/api/grants/x"),
            ("GET", "/api/subscriptions/000000000000/attempts"), ("DELETE", "/api/subscriptions/000000000000"),
        })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Content = method is "PATCH" or "POST"
                ? JsonContent.Create(path.Contains("/feeds/", StringComparison.Ordinal) &&
                    method == "PATCH" ? (object)new { title = "x" } : new { name = "x" }) : null;
            using var answer = await bob.Http.SendAsync(request, Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{method} {path}");
        }

        (await ada.Http.GetStringAsync("/api/devices", Cancel)).ShouldContain(device.Id);
    }

    [Theory, BothDatabases]
    public async Task A_feeds_settings_can_be_changed_one_by_one(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync("first");

        using var title = await PatchAsync(owner.Http, $"/api/feeds/{device.Feed}", """{"title":"On the road"}""");
        using var days = await PatchAsync(owner.Http, $"/api/feeds/{device.Feed}", """{"retentionDays":7}""");

        var feed = await ReadAsync(days);
        feed.GetProperty("title").GetString().ShouldBe("On the road");
        feed.GetProperty("retentionDays").GetInt32().ShouldBe(7);
        using var wrong = await PatchAsync(owner.Http, $"/api/feeds/{device.Feed}", """{"retentionDays":-1,"title":"","color":1}""");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ReadAsync(wrong)).GetProperty("errors").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Bodies_that_are_no_json_too_large_or_of_another_type_are_refused_clearly()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();

        (await StatusAsync(owner.Http, "{", "application/json")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(owner.Http, "name=x", "application/x-www-form-urlencoded")).ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await StatusAsync(owner.Http, $$"""{"name":"{{new string('x', 70_000)}}"}""", "application/json"))
            .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await StatusAsync(owner.Http, new string(' ', 3 * 1024 * 1024),
            "application/json")).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task No_key_of_any_kind_reaches_the_log()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();
        var grant = await owner.GrantAsync(device.Feed);
        await hub.SubscribeAsync(grant.Urls.Atom, "http://127.0.0.1:9/cb", secret: "a very secret secret");
        using var missing = await hub.Http.GetAsync($"/nowhere?key={grant.Key}", Cancel);

        foreach (var secret in new[] { owner.Token, owner.Password, device.Key, grant.Key!, "a very secret secret" })
        {
            hub.Logs.Mention(secret).ShouldBeFalse();
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        using var answer = await http.PostAsync("/api/devices", content, Cancel);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        return answer.StatusCode;
    }

    private static Task<HttpResponseMessage> SignUpAsync(HubApp hub, string email, string password) =>
        PostAsync(hub.Http, "/api/accounts", new { email, password });

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path, object body) =>
        http.PostAsJsonAsync(path, body, Cancel);

    private static async Task<HttpResponseMessage> PatchAsync(HttpClient http, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await http.PatchAsync(path, content, Cancel);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) =>
        await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);

    private static Task<LedgerContext> ContextAsync(HubApp hub) =>
        hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);

    private static async Task<int> FeedAsync(HubApp hub, TestDevice device)
    {
        OpaqueId.TryParse(device.Feed, out var id).ShouldBeTrue();
        await using var context = await ContextAsync(hub);
        return await context.Feeds.Where(feed => feed.Id == id).Select(feed => feed.AccessVersion).SingleAsync(Cancel);
    }
}
