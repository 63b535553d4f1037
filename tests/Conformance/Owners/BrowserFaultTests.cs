using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Owners;

/// <summary>The page that a browser shows for a wrong address or a wrong key.</summary>
public sealed class BrowserFaultTests(SharedHubs hubs)
{
    private const string Html = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Theory]
    [InlineData("/nope", 404, "There is nothing here")]
    [InlineData("/docs/nope", 404, "nothing")]
    [InlineData("/oauth/authorize", 400, "The app's request is faulty")]
    [InlineData("/oauth/authorize?response_type=code&client_id=unknown&redirect_uri=https://app.example/cb", 400,
        "The app's request is faulty")]
    public async Task A_browser_gets_a_page_and_a_program_gets_a_problem(string path, int status, string words)
    {
        var hub = await hubs.OnAsync(Database.Sqlite);

        using var page = await hub.Http.AskAsync(path, ("Accept", Html));
        using var problem = await hub.Http.AskAsync(path, ("Accept", "application/json"));

        ((int)page.StatusCode).ShouldBe(status);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        var text = await page.TextAsync();
        text.ShouldContain(words);
        text.ShouldNotContain("documentation.openiddict.com");
        ((int)problem.StatusCode).ShouldBe(status);
        if (!path.StartsWith("/docs", StringComparison.Ordinal))
        {
            await problem.ProblemAsync((HttpStatusCode)status);
        }
    }

    [Fact]
    public async Task A_key_of_another_kind_is_named_by_its_prefix_alone()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        foreach (var reader in new[] { scene.Grant.Key!, "rk_there-is-no-such-key" })
        {
            (await DetailAsync(HttpMethod.Post, $"/feeds/{scene.Feed}/updates", reader))
                .ShouldStartWith("This is a reader key; a device key is wanted here");
            (await DetailAsync(HttpMethod.Get, $"/devices/{scene.Phone.Id}/inbox", reader))
                .ShouldStartWith("This is a reader key; a device key is wanted here");
            (await DetailAsync(HttpMethod.Get, "/api/devices", reader))
                .ShouldStartWith("This is a reader key; an account token is wanted here");
            (await DetailAsync(HttpMethod.Post, $"/i/{reader}", null)).ShouldStartWith("The address holds a reader key;");
        }

        (await DetailAsync(HttpMethod.Get, "/api/devices", scene.Phone.Key)).ShouldStartWith("This is a device key;");
        (await DetailAsync(HttpMethod.Get, "/api/devices", "at_wrong")).ShouldStartWith("Send Authorization: Bearer and an account token");
        (await DetailAsync(HttpMethod.Post, $"/feeds/{scene.Feed}/updates", "dk_wrong"))
            .ShouldStartWith("Send the device key of this feed");

        async Task<string> DetailAsync(HttpMethod method, string path, string? key)
        {
            using var answer = await scene.Hub.Http.SendAsync(
                method, path, method == HttpMethod.Post ? new StringContent("{}") : null,
                key is null ? [] : [("Authorization", Http.Bearer(key))]);
            return (await answer.ProblemAsync(HttpStatusCode.Unauthorized)).GetProperty("detail").GetString()!;
        }
    }

    [Theory, BothDatabases]
    public async Task A_subscription_leaves_no_warning_of_the_database_in_the_log(Database database)
    {
        await using var callback = await CallbackListener.StartAsync();
        await using var hub = await HubApp.StartAsync(database);
        var scene = await Scene.SetAsync(hub);

        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret: "a secret");

        hub.Logs.Mention("OrderBy").ShouldBeFalse();
    }
}
