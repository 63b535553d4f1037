using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Readers;

/// <summary>Who may read a feed, and how little other clients learn.</summary>
public sealed class AccessTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_key_opens_as_query_Bearer_or_Basic_and_an_owners_token_as_well(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("a");

        foreach (var key in new[] { scene.Grant.Key!, scene.Owner.Token })
        {
            using var query = await scene.Hub.Http.AskAsync(scene.Bare("json") + "?key=" + key);
            using var bearer = await scene.Hub.Http.AskAsync(scene.Bare("json"), ("Authorization", Bearer(key)));
            using var basic = await scene.Hub.Http.AskAsync(scene.Bare("json"), ("Authorization", Basic(key)));
            using var negotiated = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}", ("Authorization", Bearer(key)));
            using var one = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}/updates/1", ("Authorization", Basic(key)));

            query.StatusCode.ShouldBe(HttpStatusCode.OK);
            bearer.StatusCode.ShouldBe(HttpStatusCode.OK);
            basic.StatusCode.ShouldBe(HttpStatusCode.OK);
            negotiated.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            one.StatusCode.ShouldBe(HttpStatusCode.OK);
            // A key from a header appears in no link.
            (await bearer.TextAsync()).ShouldNotContain(key);
            bearer.Headers.GetValues("Link").ShouldAllBe(link => !link.Contains(key));
            negotiated.Headers.Location!.ToString().ShouldNotContain(key);
        }
    }

    [Theory, BothDatabases]
    public async Task Who_may_not_read_gets_the_same_404_as_if_there_were_nothing(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var stranger = await Scene.SetAsync(scene.Hub);
        var revoked = await scene.Owner.GrantAsync(scene.Feed);
        await scene.PostEachAsync("a");
        await scene.Owner.RevokeAsync(revoked);
        string[] paths = [".atom", ".rss", ".xml", ".json", ".js", ".geojson", "/updates/1", "/stream"];

        foreach (var path in paths)
        {
            var answers = new List<string>
            {
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}"),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}?key=wrong"),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}?key={revoked.Key}"),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}?key={stranger.Grant.Key}"),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}?key={stranger.Owner.Token}"),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}?key={scene.Phone.Key}"),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}", ("Authorization", Bearer(stranger.Grant.Key!))),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}", ("Authorization", "Basic !!!")),
                await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}{path}",
                    ("Cookie", $"key={scene.Grant.Key}; token={scene.Owner.Token}")),
                await DescribeAsync(scene.Hub, $"/feeds/000000000000{path}"),
                await DescribeAsync(scene.Hub, $"/feeds/000000000000{path}?key={scene.Grant.Key}"),
                await DescribeAsync(scene.Hub, $"/feeds/no-such-feed{path}"),
            };

            answers.Distinct().ShouldHaveSingleItem(path).ShouldStartWith("404");
        }
    }

    [Theory, BothDatabases]
    public async Task Wrong_parameters_tell_nothing_of_what_is_there_either(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        foreach (var query in new[] { "?limit=x", "?colour=blue", "?before=x", "?callback=1" })
        {
            (await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}.js{query}"))
                .ShouldBe(await DescribeAsync(scene.Hub, $"/feeds/000000000000.js{query}"), query);
        }
    }

    // Negotiation of the format does no look-up, so it reveals nothing: a missing feed gets a 303 too.
    [Fact]
    public async Task Negotiation_tells_nothing_of_what_is_there()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        var there = await DescribeAsync(scene.Hub, $"/feeds/{scene.Feed}?key=wrong");
        var nowhere = await DescribeAsync(scene.Hub, "/feeds/000000000000?key=wrong");

        there.Replace(scene.Feed, "000000000000", StringComparison.Ordinal).ShouldBe(nowhere);
    }

    [Fact]
    public async Task Cookies_are_ignored()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync(scene.Keyed("json"), ("Cookie", "key=wrong; a=b"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task A_format_that_there_is_not_is_a_404_and_a_type_that_there_is_not_still_finds_a_document()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var format = await scene.Hub.Http.AskAsync(scene.Keyed("csv"));
        using var browser = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}?key={scene.Grant.Key}", ("Accept", "text/html,*/*;q=0.8"));

        format.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        browser.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    private static async Task<string> DescribeAsync(HubApp hub, string url, params (string, string)[] headers)
    {
        using var answer = await hub.Http.AskAsync(url, headers);
        var told = answer.Headers.Concat(answer.Content.Headers)
            // The remaining limit decreases with each request, so it is not compared.
            .Where(header => header.Key is not ("Date" or "RateLimit"))
            .OrderBy(header => header.Key, StringComparer.Ordinal)
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
        return $"{(int)answer.StatusCode}\n{string.Join('\n', told)}\n\n{await answer.TextAsync()}";
    }
}
