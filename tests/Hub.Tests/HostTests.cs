using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class HostTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_started_hub_is_live_and_ready(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);

        (await hub.GetStringAsync("/health/live")).ShouldBe("Healthy");
        (await hub.GetStringAsync("/health/ready")).ShouldBe("Healthy");
    }

    [Fact]
    public async Task An_unknown_path_is_a_problem_document()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);

        using var answer = await hub.Http.GetAsync("/nowhere", Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        answer.Headers.Server.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_page_needs_nobody_else_and_shows_the_first_commands()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);

        using var answer = await hub.Http.GetAsync("/", Cancel);

        var page = await answer.Content.ReadAsStringAsync(Cancel);
        page.ShouldContain($"curl -s {hub.BaseUrl}/api/accounts");
        page.ShouldNotContain("<script");
        page.Split("http").Skip(1).ShouldAllBe(link => ("http" + link).StartsWith(hub.BaseUrl) || link.StartsWith("s://your.server"));
        answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldStartWith("default-src 'none'");
    }

    [Fact]
    public async Task The_description_names_every_route_of_owners_and_subscribers()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);

        var paths = (await hub.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel)).GetProperty("paths").EnumerateObject()
            .Select(path => path.Name).ToList();

        foreach (var path in new[] { "/hub", "/api/accounts", "/api/tokens", "/api/devices", "/api/feeds/{feed}/grants",
            "/api/grants/{grant}", "/api/subscriptions/{subscription}/attempts" })
        {
            paths.ShouldContain(path);
        }
    }

    [Fact]
    public async Task A_database_that_is_away_is_a_503_and_service_comes_back_with_it()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var server = await PostgresServer.StartOwnAsync();
        await using var hub = await HubApp.StartAsync(Database.Postgres, options => options.Postgres = server);
        var owner = await hub.SignUpAsync();

        await server.StopAsync();
        using var away = await owner.Http.GetAsync("/api/devices", Cancel);
        using var ready = await hub.Http.GetAsync("/health/ready", Cancel);
        using var live = await hub.Http.GetAsync("/health/live", Cancel);
        await server.StartAsync();

        away.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        away.Headers.RetryAfter.ShouldNotBeNull();
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        live.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.ShouldAsync(async () => (await owner.Http.GetAsync("/api/devices", Cancel)).StatusCode == HttpStatusCode.OK);
    }
}
