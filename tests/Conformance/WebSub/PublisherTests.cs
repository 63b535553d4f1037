using System.Net;
using System.Xml.Linq;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WebSub;

/// <summary>WebSub's requirements for publishers, P1 to P7; a hub is also the publisher of its own feeds.</summary>
public sealed class PublisherTests(SharedHubs hubs)
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public static TheoryData<string> Formats => ["atom", "rss", "xml", "json", "js", "geojson"];

    [Theory, MemberData(nameof(Formats))]
    public async Task P1_P2_P3_P6_Link_headers_name_the_hub_and_the_one_topic_of_this_representation(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("a");

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var answer = await scene.Hub.Http.SendAsync(method, scene.Keyed(format), null);
            var links = answer.Links();
            links.Where(link => link.Rel == "hub").ShouldHaveSingleItem().Target.ShouldBe(scene.Hub.BaseUrl + "/hub");
            links.Where(link => link.Rel == "self").ShouldHaveSingleItem().Target.ShouldBe(scene.Keyed(format == "xml" ? "rss" : format));
        }
    }

    [Fact]
    public async Task P4_Atom_and_RSS_carry_the_links_in_the_document_too()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        foreach (var format in new[] { "atom", "rss" })
        {
            var root = XDocument.Parse(await scene.Hub.GetStringAsync(scene.Keyed(format))).Root!;
            var head = format == "atom" ? root : root.Element("channel")!;
            var links = head.Elements(Atom + "link")
                .Select(link => ((string?)link.Attribute("rel"), (string?)link.Attribute("href"))).ToList();
            links.ShouldContain(("hub", scene.Hub.BaseUrl + "/hub"));
            links.Where(link => link.Item1 == "self").ShouldHaveSingleItem().Item2.ShouldBe(scene.Keyed(format));
        }
    }

    [Fact]
    public async Task P5_JSON_Feed_names_its_hubs_as_its_own_specification_has_it()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        var feed = await scene.Hub.Http.JsonAsync(scene.Keyed("json"));

        var hub = feed.GetProperty("hubs").EnumerateArray().ShouldHaveSingleItem();
        hub.GetProperty("type").GetString().ShouldBe("WebSub");
        hub.GetProperty("url").GetString().ShouldBe(scene.Hub.BaseUrl + "/hub");
        feed.GetProperty("feed_url").GetString().ShouldBe(scene.Keyed("json"));
    }

    [Theory]
    [InlineData("application/atom+xml", ".atom")]
    [InlineData("application/rss+xml", ".rss")]
    [InlineData("application/feed+json", ".json")]
    [InlineData("application/json", ".json")]
    [InlineData("application/geo+json", ".geojson")]
    [InlineData("application/javascript", ".js")]
    [InlineData("text/xml;q=0.5, application/geo+json;q=0.9", ".geojson")]
    public async Task P6_Negotiation_leads_to_a_topic_of_its_own(string accept, string extension)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}?key={scene.Grant.Key}", ("Accept", accept));

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Vary.ShouldContain("Accept");
        var location = new Uri(scene.Hub.Http.BaseAddress!, answer.Headers.Location!);
        location.AbsolutePath.ShouldBe($"/feeds/{scene.Feed}{extension}");
        location.Query.ShouldBe("?key=" + scene.Grant.Key);
        using var found = await scene.Hub.Http.AskAsync(location.AbsoluteUri);
        found.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, BothDatabases]
    public async Task P7_The_hub_learns_of_an_update_without_being_told(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        await scene.PostEachAsync("a");

        (await callback.WaitForAsync(1, TimeSpan.FromSeconds(3)))[0].PhoneIds().ShouldBe(["a"]);
    }
}
