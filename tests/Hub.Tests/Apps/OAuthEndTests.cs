using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActivityHub.Hub.Apps;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Grants;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

public sealed class OAuthEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_refresh_token_has_one_successor_for_half_a_minute_and_its_reuse_then_ends_everything(Database database)
    {
        var clock = new MovableClock();
        await using var scene = await OAuthScene.SetAsync(database, options => options.Time = clock);
        var (firstAccess, first, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(firstAccess))[0]!["urls"]!["json"]!;

        var (status, body) = await scene.RefreshAsync(first);
        status.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        var second = (string)body["refresh_token"]!;
        var secondAccess = (string)body["access_token"]!;
        second.ShouldNotBe(first);
        body["authorization_details"]!.AsArray().ShouldHaveSingleItem();
        (await scene.FeedsAsync(secondAccess)).ShouldHaveSingleItem();

        // The answer was lost on the way: the app asks again, and gets the very same one.
        clock.Forward(TimeSpan.FromSeconds(25));
        (status, var repeated) = await scene.RefreshAsync(first);
        status.ShouldBe(HttpStatusCode.OK, repeated.ToJsonString());
        repeated.ToJsonString().ShouldBe(body.ToJsonString());
        (await scene.FeedsAsync(secondAccess)).ShouldHaveSingleItem();

        clock.Forward(TimeSpan.FromSeconds(6));
        (status, body) = await scene.RefreshAsync(first);
        status.ShouldBe(HttpStatusCode.BadRequest);
        ((string)body["error"]!).ShouldBe("invalid_grant");
        await EndedAsync(scene, secondAccess, second, url);
    }

    [Theory, BothDatabases]
    public async Task Of_refreshes_at_once_exactly_one_line_lives_on(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        foreach (var count in new[] { 2, 4, 8 })
        {
            var (_, refresh, _) = await scene.TokensAsync();
            await OneLineAsync(scene, refresh, Enumerable.Repeat(scene.Hub, count));
        }
    }

    [Fact]
    public async Task Of_refreshes_at_two_processes_at_once_exactly_one_line_lives_on()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var scene = await OAuthScene.SetAsync(Database.Postgres);
        await using var other = await HubApp.StartAsync(Database.Postgres, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Settings["ConnectionStrings:Ledger"] = scene.Hub.LedgerConnectionString;
        });
        foreach (var count in new[] { 2, 4, 8 })
        {
            var (_, refresh, _) = await scene.TokensAsync();
            await OneLineAsync(scene, refresh, Enumerable.Range(0, count).Select(i => i % 2 == 0 ? scene.Hub : other));
        }
    }

    // The code goes through one browser: an app that asks twice has a fault, and never two lines.
    [Theory, BothDatabases]
    public async Task Of_exchanges_of_one_code_at_once_one_is_answered(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var code = await scene.AllowAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => scene.ExchangeAsync(code)));

        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(answer => answer.Status == HttpStatusCode.BadRequest && (string)answer.Body["error"]! == "invalid_grant").ShouldBe(5);
        await using var context = await scene.ContextAsync();
        (await context.AppTokens.CountAsync(token => token.Type == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken, Cancel))
            .ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task What_a_repeat_is_answered_is_sealed_at_rest_and_forgotten(Database database)
    {
        var clock = new MovableClock();
        await using var scene = await OAuthScene.SetAsync(database, options => options.Time = clock);
        var (_, refresh, _) = await scene.TokensAsync();
        var (_, body) = await scene.RefreshAsync(refresh);

        await using var context = await scene.ContextAsync();
        var row = await context.AppTokenSuccessors.AsNoTracking().SingleAsync(Cancel);
        System.Text.Encoding.UTF8.GetString(row.Answer).ShouldNotContain("token");
        row.Open(refresh).ShouldNotBeNull();
        row.Open((string)body["refresh_token"]!).ShouldBeNull();
        clock.Forward(TimeSpan.FromSeconds(31));
        await scene.Hub.Services.GetRequiredService<ConsentSweep>().SweepOnceAsync(Cancel);
        (await context.AppTokenSuccessors.CountAsync(Cancel)).ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task An_app_gives_its_refresh_token_back(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;

        // Another app is told nothing of it, and ends nothing.
        var other = await OAuthScene.RegisterAsync(scene.Developer, "other", confidential: false, "https://other.example/");
        (await scene.RevokeAsync(refresh, (string)other["clientId"]!)).ShouldBe(HttpStatusCode.OK);
        (await scene.FeedsAsync(access)).ShouldHaveSingleItem();
        (await scene.StatusAsync(url)).ShouldBe(HttpStatusCode.OK);

        (await scene.RevokeAsync(refresh)).ShouldBe(HttpStatusCode.OK);
        await EndedAsync(scene, access, refresh, url);
    }

    [Theory, BothDatabases]
    public async Task An_access_token_that_is_given_back_ends_alone(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();

        (await scene.RevokeAsync(access)).ShouldBe(HttpStatusCode.OK);
        (await scene.StatusAsync("/api/app/feeds", access)).ShouldBe(HttpStatusCode.Unauthorized);
        (await scene.StatusAsync($"/feeds/{scene.Device.Feed}.json", access)).ShouldBe(HttpStatusCode.NotFound);
        (await scene.RefreshAsync(refresh)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, BothDatabases]
    public async Task An_owner_takes_a_consent_back(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;
        var consent = (string)(await scene.ConsentsAsync())[0]!["id"]!;

        (await scene.Developer.Http.DeleteAsync($"/api/apps/consents/{consent}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await scene.Owner.Http.DeleteAsync($"/api/apps/consents/{consent}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await EndedAsync(scene, access, refresh, url);
    }

    [Theory, BothDatabases]
    public async Task An_owner_takes_the_grant_itself_back(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();
        var feed = (await scene.FeedsAsync(access))[0]!;

        (await scene.Owner.Http.DeleteAsync($"/api/grants/{(string)feed["grant"]!["id"]!}", Cancel)).StatusCode.ShouldBe(
            HttpStatusCode.NoContent);
        await EndedAsync(scene, access, refresh, (string)feed["urls"]!["json"]!);
    }

    [Theory, BothDatabases]
    public async Task A_phone_that_leaves_leaves_the_apps_too(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;

        (await scene.Owner.Http.DeleteAsync($"/api/devices/{scene.Device.Id}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await EndedAsync(scene, access, refresh, url);
    }

    [Theory, BothDatabases]
    public async Task An_app_that_is_removed_sees_nothing_more(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, _, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;

        (await scene.Owner.Http.DeleteAsync($"/api/apps/{scene.ClientId}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await scene.Developer.Http.DeleteAsync($"/api/apps/{scene.ClientId}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.StatusAsync(url)).ShouldBe(HttpStatusCode.NotFound);
        (await scene.StatusAsync("/api/app/feeds", access)).ShouldBe(HttpStatusCode.Unauthorized);
        (await scene.Browser.GetAsync(scene.AuthorizeUrl())).Status.ShouldBe(HttpStatusCode.BadRequest);
        await using var context = await scene.ContextAsync();
        (await context.Apps.CountAsync(Cancel) + await context.AppTokens.CountAsync(Cancel) + await context.Grants.CountAsync(Cancel))
            .ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task An_account_that_is_erased_leaves_no_trace_among_apps(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;
        var book = scene.Hub.Services.GetRequiredService<Consents>();

        await book.EraseAccountAsync(IdOf(scene.Owner), Cancel);
        await EndedAsync(scene, access, refresh, url);
        await using (var context = await scene.ContextAsync())
        {
            (await context.AppTokens.CountAsync(Cancel) + await context.AppConsents.CountAsync(Cancel)
                + await context.AppGrants.CountAsync(Cancel)).ShouldBe(0);
            (await context.Apps.CountAsync(Cancel)).ShouldBe(1);
        }

        await scene.TokensAsync();
        await book.EraseAccountAsync(IdOf(scene.Developer), Cancel);
        await using var after = await scene.ContextAsync();
        (await after.Apps.CountAsync(Cancel) + await after.AppConsents.CountAsync(Cancel) + await after.Grants.CountAsync(Cancel))
            .ShouldBe(0);

        static long IdOf(TestOwner owner) => OpaqueId.TryParse(owner.Id, out var id) ? id : throw new InvalidOperationException(owner.Id);
    }

    [Theory, BothDatabases]
    public async Task An_app_sees_what_was_given_to_it_alone(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, _, _) = await scene.TokensAsync();
        var neighbour = await scene.Hub.SignUpAsync();
        var foreign = await neighbour.AddDeviceAsync("foreign");
        (await scene.StatusAsync($"/feeds/{foreign.Feed}.json", access)).ShouldBe(HttpStatusCode.NotFound);

        // The neighbour says yes to the same app, and cannot tick a phone of somebody else.
        using var browser = await Browser.SignedInAsync(scene.Hub, neighbour);
        var (_, page, _) = await browser.GetAsync(scene.AuthorizeUrl());
        page.ShouldNotContain(scene.Device.Feed);
        using var forged = await browser.SendAsync(
            page, (scene.Field(), "on"), (scene.Field("kind.geo"), "on"), ("choice.answer", "allow"));
        forged.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var answer = await browser.SendAsync(
            page, (scene.Field("", 0, foreign.Feed), "on"), (scene.Field("kind.geo", 0, foreign.Feed), "on"), ("choice.answer", "allow"));
        var (_, body) = await scene.ExchangeAsync(OAuthScene.Query(answer)["code"]);

        ((string)(await scene.FeedsAsync((string)body["access_token"]!)).ShouldHaveSingleItem()!["id"]!).ShouldBe(foreign.Feed);
        ((string)(await scene.FeedsAsync(access)).ShouldHaveSingleItem()!["id"]!).ShouldBe(scene.Device.Feed);
        (await scene.ConsentsAsync()).ShouldHaveSingleItem();
        (await scene.Owner.Http.GetFromJsonAsync<JsonObject>("/api/apps", Cancel))!["items"]!.AsArray().ShouldBeEmpty();
        (await scene.Developer.Http.GetFromJsonAsync<JsonObject>("/api/apps", Cancel))!["items"]!.AsArray().ShouldHaveSingleItem();
        // A token of an app is none of an account.
        (await scene.StatusAsync("/api/devices", access)).ShouldBe(HttpStatusCode.Unauthorized);
        (await scene.StatusAsync("/api/app/feeds", scene.Owner.Token)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory, BothDatabases]
    public async Task Tokens_outlive_the_process_that_gave_them(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var (access, refresh, _) = await scene.TokensAsync();
        var code = await scene.AllowAsync();

        await scene.Hub.RestartAsync();
        (await scene.FeedsAsync(access)).ShouldHaveSingleItem();
        (await scene.RefreshAsync(refresh)).Status.ShouldBe(HttpStatusCode.OK);
        (await scene.ExchangeAsync(code)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, BothDatabases]
    public async Task An_app_that_is_idle_for_a_month_has_lost_its_access(Database database)
    {
        var clock = new MovableClock();
        await using var scene = await OAuthScene.SetAsync(database, options => options.Time = clock);
        var (access, refresh, _) = await scene.TokensAsync();
        var url = (string)(await scene.FeedsAsync(access))[0]!["urls"]!["json"]!;
        var sweep = scene.Hub.Services.GetRequiredService<ConsentSweep>();

        clock.Forward(TimeSpan.FromMinutes(11));
        (await scene.StatusAsync("/api/app/feeds", access)).ShouldBe(HttpStatusCode.Unauthorized);
        clock.Forward(TimeSpan.FromDays(29));
        (await sweep.SweepOnceAsync(Cancel)).ShouldBe(0);
        var (_, body) = await scene.RefreshAsync(refresh);
        clock.Forward(TimeSpan.FromDays(29));
        (await sweep.SweepOnceAsync(Cancel)).ShouldBe(0);
        (await scene.StatusAsync(url)).ShouldBe(HttpStatusCode.OK);

        clock.Forward(TimeSpan.FromDays(2));
        (await scene.RefreshAsync((string)body["refresh_token"]!)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sweep.SweepOnceAsync(Cancel)).ShouldBe(1);
        (await scene.StatusAsync(url)).ShouldBe(HttpStatusCode.NotFound);
        await using var context = await scene.ContextAsync();
        (await context.AppTokens.CountAsync(Cancel)).ShouldBe(0);
        (await context.AppConsents.CountAsync(Cancel)).ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task Many_refresh_at_once_while_phones_write(Database database)
    {
        await using var scene = await OAuthScene.SetAsync(database);
        var tokens = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            tokens.Add((await scene.TokensAsync()).Refresh);
        }

        var writes = Enumerable.Range(0, 40).Select(i => scene.Device.PostAsync($$"""{ "kind": "battery", "data": { "level": {{i}} } }"""));
        var refreshes = tokens.Select(async token => (await scene.RefreshAsync(token)).Status);
        (await Task.WhenAll(refreshes)).ShouldAllBe(status => status == HttpStatusCode.OK);
        await Task.WhenAll(writes);
    }

    private static async Task OneLineAsync(OAuthScene scene, string refresh, IEnumerable<HubApp> hubs)
    {
        var lines = await ValidAsync();
        var answers = await Task.WhenAll(hubs.Select(async hub =>
        {
            using var content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "refresh_token",
                ["client_id"] = scene.ClientId,
                ["refresh_token"] = refresh,
            });
            using var response = await hub.Http.PostAsync("/oauth/token", content, Cancel);
            return (response.StatusCode, Body: await response.Content.ReadAsStringAsync(Cancel));
        }));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        answers.Select(answer => answer.Body).Distinct().Count().ShouldBe(1);
        var tokens = JsonNode.Parse(answers[0].Body)!;
        LoggedSecrets.Note("access token", (string?)tokens["access_token"]);
        LoggedSecrets.Note("refresh token", (string?)tokens["refresh_token"]);
        (await ValidAsync()).ShouldBe(lines);
        (await scene.FeedsAsync((string)tokens["access_token"]!)).ShouldHaveSingleItem();
        (await scene.RefreshAsync((string)tokens["refresh_token"]!)).Status.ShouldBe(HttpStatusCode.OK);

        async Task<int> ValidAsync()
        {
            await using var context = await scene.ContextAsync();
            return await context.AppTokens.CountAsync(
                token =>
                    token.Type == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken &&
                        token.Status == OpenIddictConstants.Statuses.Valid, Cancel);
        }
    }

    private static async Task EndedAsync(OAuthScene scene, string access, string refresh, string url)
    {
        (await scene.StatusAsync("/api/app/feeds", access)).ShouldBe(HttpStatusCode.Unauthorized);
        (await scene.StatusAsync(url)).ShouldBe(HttpStatusCode.NotFound);
        (await scene.StatusAsync(new Uri(url).AbsolutePath, access)).ShouldBe(HttpStatusCode.NotFound);
        (await scene.RefreshAsync(refresh)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await scene.ConsentsAsync()).ShouldBeEmpty();
    }
}
