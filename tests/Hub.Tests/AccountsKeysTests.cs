using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.TestKit;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class AccountsKeysTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Tokens_and_browsers_are_listed_and_ended_alike(Database database)
    {
        await using var hub = await StartAsync(database);
        var owner = await hub.SignUpAsync();
        var cron = await TokenAsync(hub, owner, owner.Password, "cron");
        using var browser = new AccountsBrowser(hub);
        (await browser.SignInAsync(owner.Email, owner.Password)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        var keys = await ListAsync(owner.Http);

        keys.Select(
            key => (key.GetProperty("kind").GetString(), key.GetProperty("name").GetString(), key.GetProperty("current").GetBoolean()))
            .ShouldBe([("token", null, true), ("token", "cron", false), ("session", "Test/1.0 (a browser)", false)]);
        keys.ShouldAllBe(
            key => key.GetProperty("lastUsedAt").GetDateTime().Minute == 0 && key.GetProperty("lastUsedAt").GetDateTime().Second == 0);
        foreach (var key in keys.Where(key => !key.GetProperty("current").GetBoolean()))
        {
            (await owner.Http.DeleteAsync($"/api/tokens/{key.GetProperty("id").GetString()}", Cancel)).StatusCode.ShouldBe(
                HttpStatusCode.NoContent);
        }

        (await GetAsync(hub, cron)).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await ListAsync(owner.Http)).Count.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task Nobody_ends_the_keys_of_others(Database database)
    {
        await using var hub = await StartAsync(database);
        var (ada, bob) = (await hub.SignUpAsync(), await hub.SignUpAsync());
        var id = (await ListAsync(ada.Http))[0].GetProperty("id").GetString();

        (await bob.Http.DeleteAsync($"/api/tokens/{id}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await bob.Http.DeleteAsync("/api/tokens/nonsense", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ListAsync(ada.Http)).Count.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task A_new_password_ends_every_key_but_the_one_that_set_it(Database database)
    {
        await using var hub = await StartAsync(database);
        var owner = await hub.SignUpAsync();
        var other = await TokenAsync(hub, owner, owner.Password);
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);

        using var wrong = await owner.Http.PostAsJsonAsync(
            "/api/account/password", new { current = "not it", @new = "another long password" }, Cancel);
        using var tooShort = await owner.Http.PostAsJsonAsync(
            "/api/account/password", new { current = owner.Password, @new = "short" }, Cancel);
        using var right = await owner.Http.PostAsJsonAsync(
            "/api/account/password", new { current = owner.Password, @new = "another long password" }, Cancel);

        wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        tooShort.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        right.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await owner.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(hub, other)).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using var old = await hub.Http.PostAsJsonAsync("/api/tokens", new { email = owner.Email, password = owner.Password }, Cancel);
        old.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await TokenAsync(hub, owner, "another long password")).ShouldStartWith("at_");
    }

    [Fact]
    public async Task Guessing_the_password_with_a_stolen_token_is_slowed_down_too()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();

        var seen = new List<HttpStatusCode>();
        for (var i = 0; i < 11; i++)
        {
            using var answer = await owner.Http.PostAsJsonAsync(
                "/api/account/password", new { current = $"guess {i}", @new = "another long password" }, Cancel);
            seen.Add(answer.StatusCode);
        }

        seen[..10].ShouldAllBe(status => status == HttpStatusCode.Forbidden);
        seen[10].ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory, BothDatabases]
    public async Task Tokens_have_a_limit_that_says_what_to_do_and_browsers_take_the_place_of_the_oldest(Database database)
    {
        await using var hub = await StartAsync(database, options => options.Settings["Limits:Tokens"] = "2");
        var owner = await hub.SignUpAsync();
        await TokenAsync(hub, owner, owner.Password);

        using var third = await hub.Http.PostAsJsonAsync("/api/tokens", new { email = owner.Email, password = owner.Password }, Cancel);
        for (var i = 0; i < 3; i++)
        {
            using var browser = new AccountsBrowser(hub);
            (await browser.SignInAsync(owner.Email, owner.Password)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        }

        third.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await third.Content.ReadAsStringAsync(Cancel)).ShouldContain("Limits:Tokens");
        (await ListAsync(owner.Http)).Count(key => key.GetProperty("kind").GetString() == "session").ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task A_browser_that_stays_away_is_signed_out_and_its_use_is_noted_by_the_hour(Database database)
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-28T10:20:00Z"));
        await using var hub = await StartAsync(database, options =>
        {
            options.Time = time;
            options.Settings["Accounts:IdleDays"] = "2";
            options.Settings["Accounts:SessionDays"] = "5";
        });
        var owner = await hub.SignUpAsync();
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);

        for (var day = 0; day < 3; day++)
        {
            time.Leap(TimeSpan.FromDays(1.5));
            (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(day < 3 ? HttpStatusCode.OK : HttpStatusCode.SeeOther);
        }

        (await ListAsync(owner.Http)).Single(key => key.GetProperty("kind").GetString() == "session")
            .GetProperty("lastUsedAt").GetDateTime().ShouldBe(new DateTime(2026, 12, 2, 22, 0, 0, DateTimeKind.Utc));
        time.Leap(TimeSpan.FromDays(1));
        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        await browser.SignInAsync(owner.Email, owner.Password);
        time.Leap(TimeSpan.FromDays(2.1));
        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    private static Task<HubApp> StartAsync(Database database, Action<HubAppOptions>? configure = null) =>
        HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub";
            configure?.Invoke(options);
        });

    private static async Task<string> TokenAsync(HubApp hub, TestOwner owner, string password, string? name = null)
    {
        using var answer = await hub.Http.PostAsJsonAsync("/api/tokens", new { email = owner.Email, password, name }, Cancel);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("token").GetString()!;
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(HttpClient http) =>
        [.. (await http.GetFromJsonAsync<JsonElement>("/api/tokens", Cancel)).GetProperty("items").EnumerateArray()];

    private static async Task<HttpStatusCode> GetAsync(HubApp hub, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/devices");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await hub.Http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
