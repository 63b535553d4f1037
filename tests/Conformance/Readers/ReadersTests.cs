using System.Net;
using System.ServiceModel.Syndication;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Readers;

/// <summary>The documents that a reader gets in each format.</summary>
public sealed class ReadersTests(SharedHubs hubs)
{
    private static readonly XNamespace GeoRss = "http://www.georss.org/georss";

    public static TheoryData<string, string> MediaTypes => new()
    {
        { "atom", "application/atom+xml" },
        { "rss", "application/rss+xml" },
        { "xml", "application/rss+xml" },
        { "json", "application/feed+json" },
        { "js", "application/javascript" },
        { "geojson", "application/geo+json" },
    };

    [Theory, MemberData(nameof(MediaTypes))]
    public async Task Each_format_has_its_media_type_and_says_its_charset(string format, string mediaType)
    {
        var scene = await WithThreeAsync(Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync(scene.Keyed(format));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        // The contract defines JavaScript's type for JSONP; the same JSON without a callback is JSON Feed, independent of the extension in
        // the URL.
        var type = answer.Content.Headers.ContentType!;
        if (format == "js")
        {
            type.MediaType.ShouldBeOneOf("application/feed+json", mediaType);
        }
        else
        {
            type.MediaType.ShouldBe(mediaType);
        }

        type.CharSet.ShouldBe("utf-8");
        Delivered.PhoneIds(await answer.TextAsync()).ShouldBe(["there", "level", "here"]);
    }

    [Theory, BothDatabases]
    public async Task Another_reader_of_Atom_reads_it_back(Database database)
    {
        var scene = await WithThreeAsync(database);
        using var xml = XmlReader.Create(new StringReader(await scene.Hub.GetStringAsync(scene.Keyed("atom"))));

        var feed = SyndicationFeed.Load(xml);

        feed.Id.ShouldNotBeNullOrWhiteSpace();
        feed.Title.Text.ShouldNotBeNullOrWhiteSpace();
        feed.Authors.Count.ShouldBe(1);
        feed.LastUpdatedTime.ShouldBe(feed.Items.Max(item => item.LastUpdatedTime));
        feed.Links.ShouldContain(link => link.RelationshipType == "self" && link.Uri.AbsoluteUri == scene.Keyed("atom"));
        var items = feed.Items.ToList();
        items.ShouldAllBe(item => item.Id.StartsWith("urn:uuid:", StringComparison.Ordinal));
        items.Select(item => item.Categories.Single().Name).ShouldBe(["geo", "battery", "geo"]);
        items[1].Title.Text.ShouldBe("Battery 47 %, charging");
        items[2].Title.Text.ShouldBe("at home");
        items[2].PublishDate.ShouldBe(new DateTimeOffset(2026, 11, 20, 8, 15, 30, TimeSpan.FromHours(-3)));
        (items[2].LastUpdatedTime - TimeProvider.System.GetUtcNow()).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        var point = XDocument.Parse(await scene.Hub.GetStringAsync(scene.Keyed("atom"))).Descendants(GeoRss + "point").Last().Value;
        point.Split(' ').Select(double.Parse).ShouldBe([-23.4, -50.3]);
    }

    [Theory, BothDatabases]
    public async Task Another_reader_of_RSS_reads_it_back(Database database)
    {
        var scene = await WithThreeAsync(database);
        var text = await scene.Hub.GetStringAsync(scene.Keyed("rss"));
        using var xml = XmlReader.Create(new StringReader(text));

        var feed = SyndicationFeed.Load(xml);

        feed.Title.Text.ShouldNotBeNullOrWhiteSpace();
        feed.Description.Text.ShouldNotBeNull();
        feed.Links.ShouldNotBeEmpty();
        var items = feed.Items.ToList();
        items.ShouldAllBe(item => item.Id.StartsWith("urn:uuid:", StringComparison.Ordinal));
        items[2].Title.Text.ShouldBe("at home");
        items[2].PublishDate.ShouldBe(new DateTimeOffset(2026, 11, 20, 8, 15, 30, TimeSpan.FromHours(-3)));
        var root = XDocument.Parse(text).Root!;
        ((string?)root.Attribute("version")).ShouldBe("2.0");
        var channel = root.Element("channel")!;
        channel.Elements("item").ShouldAllBe(item => (string?)item.Element("guid")!.Attribute("isPermaLink") == "false");
        channel.Descendants(GeoRss + "point").Count().ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task Every_format_tells_the_same_of_an_update(Database database)
    {
        var scene = await WithThreeAsync(database);
        var native = await scene.Hub.Http.JsonAsync($"/feeds/{scene.Feed}/updates/1?key={scene.Grant.Key}");

        foreach (var format in new[] { "atom", "rss", "json", "js", "geojson" })
        {
            var told = Delivered.Natives(await scene.Hub.GetStringAsync(scene.Keyed(format)))[2];
            // A format may omit values that its own members contain; the remaining values must be equal.
            foreach (var member in told.EnumerateObject().Where(member => native.TryGetProperty(member.Name, out _)))
            {
                JsonElement.DeepEquals(member.Value, native.GetProperty(member.Name)).ShouldBeTrue($"{format}: {member.Name}");
            }

            told.GetProperty("id").GetString().ShouldBe("here");
        }

        native.GetProperty("seq").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task JSON_Feed_has_what_version_1_1_asks_for()
    {
        var scene = await WithThreeAsync(Database.Sqlite);

        var feed = await scene.Hub.Http.JsonAsync(scene.Keyed("json"));

        feed.GetProperty("version").GetString().ShouldBe("https://jsonfeed.org/version/1.1");
        feed.GetProperty("title").GetString().ShouldNotBeNullOrWhiteSpace();
        feed.TryGetProperty("next_url", out _).ShouldBeFalse();
        foreach (var item in feed.GetProperty("items").EnumerateArray())
        {
            item.GetProperty("id").GetString().ShouldStartWith("urn:uuid:");
            (item.TryGetProperty("content_text", out var content) || item.TryGetProperty("content_html", out content)).ShouldBeTrue();
            content.GetString().ShouldNotBeNull();
            DateTimeOffset.TryParse(item.GetProperty("date_published").GetString(), out _).ShouldBeTrue();
            item.GetProperty("_update").GetProperty("seq").ValueKind.ShouldBe(JsonValueKind.Number);
        }

        feed.GetProperty("items")[2].GetProperty("title").GetString().ShouldBe("at home");
        feed.GetProperty("items")[1].GetProperty("tags")[0].GetString().ShouldBe("battery");
    }

    [Fact]
    public async Task GeoJSON_has_points_as_lon_lat_and_null_where_there_is_no_place()
    {
        var scene = await WithThreeAsync(Database.Sqlite);

        var features = await scene.Hub.Http.JsonAsync(scene.Keyed("geojson"));

        features.GetProperty("type").GetString().ShouldBe("FeatureCollection");
        var all = features.GetProperty("features").EnumerateArray().ToList();
        all.ShouldAllBe(feature => feature.GetProperty("type").GetString() == "Feature");
        all[1].GetProperty("geometry").ValueKind.ShouldBe(JsonValueKind.Null);
        var point = all[2].GetProperty("geometry");
        point.GetProperty("type").GetString().ShouldBe("Point");
        point.GetProperty("coordinates").EnumerateArray().Take(2).Select(number => number.GetDouble()).ShouldBe([-50.3, -23.4]);
    }

    [Fact]
    public async Task JSONP_is_a_comment_a_call_and_nothing_that_a_browser_could_take_for_something_else()
    {
        var scene = await WithThreeAsync(Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync(scene.Keyed("js") + "&callback=show_$1");

        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/javascript; charset=utf-8");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var text = await answer.TextAsync();
        text.ShouldStartWith("/**/show_$1(");
        text.TrimEnd().TrimEnd(';').ShouldEndWith(")");
        var json = text["/**/show_$1(".Length..].TrimEnd().TrimEnd(';')[..^1];
        JsonElement.DeepEquals(
            JsonElement.Parse(json).GetProperty("items"), (await scene.Hub.Http.JsonAsync(scene.Keyed("json"))).GetProperty("items"))
            .ShouldBeTrue();
    }

    [Theory]
    [InlineData("1a")]
    [InlineData("a.b")]
    [InlineData("a-b")]
    [InlineData("alert(1)")]
    [InlineData("")]
    [InlineData("é")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_JSONP_callback_is_an_identifier(string name)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync(scene.Keyed("js") + "&callback=" + Uri.EscapeDataString(name));

        await answer.ProblemAsync(HttpStatusCode.BadRequest);
    }

    // jQuery adds "_" to every JSONP request by itself.
    [Theory]
    [InlineData("js", "&callback=jQuery36_1&_=1796000000000")]
    [InlineData("json", "&_=1796000000000")]
    [InlineData("atom", "&_=1&_=2")]
    public async Task A_parameter_that_keeps_caches_from_answering_is_let_pass(string format, string query)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync(scene.Keyed(format) + query);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, BothDatabases]
    public async Task A_grant_until_the_end_of_time_is_read_like_any_other(Database database)
    {
        var scene = await WithThreeAsync(database);
        foreach (var to in new[] { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:50:00Z" })
        {
            var grant = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { To = DateTimeOffset.Parse(to) });
            foreach (var format in new[] { "json", "atom", "rss", "geojson", "js" })
            {
                using var answer = await scene.Hub.Http.AskAsync($"{scene.Bare(format)}?key={grant.Key}");
                answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{format} {to}");
            }

            using var older = await scene.Hub.Http.AskAsync(
                $"{scene.Bare("json")}?key={grant.Key}&after={Uri.EscapeDataString(await FirstAsync(scene, grant))}");
            (await older.JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(2);
            using var preview = await scene.Owner.Http.AskAsync($"{scene.Bare("json")}?grant={grant.Id}");
            preview.StatusCode.ShouldBe(HttpStatusCode.OK);
            await using var stream = await Streams.EventStream.OpenAsync(scene.Hub.Http, grant.Urls.Stream);
        }
    }

    [Theory, BothDatabases]
    public async Task One_update_is_read_by_its_position(Database database)
    {
        var scene = await WithThreeAsync(database);

        var second = await scene.Hub.Http.JsonAsync($"/feeds/{scene.Feed}/updates/2?key={scene.Grant.Key}");

        second.GetProperty("id").GetString().ShouldBe("level");
        foreach (var position in new[] { "4", "0", "-1", "x", "99999999999999999999" })
        {
            using var nothing = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}/updates/{position}?key={scene.Grant.Key}");
            nothing.StatusCode.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
        }
    }

    [Theory]
    [InlineData("?kind=battery", "level")]
    [InlineData("?kind=battery,none", "level")]
    [InlineData("?kind=geo", "there here")]
    [InlineData("?kind=geo&kind=battery", "there level here")]
    [InlineData("?kind=none", "")]
    [InlineData("?limit=1", "there")]
    [InlineData("?before=3", "level here")]
    [InlineData("?before=1", "")]
    [InlineData("?after=1", "level there")]
    [InlineData("?after=0&limit=2", "here level")]
    [InlineData("?after=3", "")]
    [InlineData("?after=0&kind=geo&limit=1", "here")]
    public async Task A_reader_chooses_kinds_how_many_and_from_where(string query, string ids)
    {
        var scene = await WithThreeAsync(Database.Sqlite);

        foreach (var format in new[] { "json", "atom", "rss", "geojson" })
        {
            var document = await scene.Hub.GetStringAsync($"{scene.Bare(format)}{query}&key={scene.Grant.Key}");
            string.Join(' ', Delivered.PhoneIds(document)).ShouldBe(ids, format);
        }
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=many")]
    [InlineData("before=x")]
    [InlineData("before=-1")]
    [InlineData("after=1.5")]
    [InlineData("after=1&before=3")]
    [InlineData("kind=A%20kind")]
    [InlineData("colour=blue")]
    [InlineData("callback=f")]
    public async Task A_parameter_that_makes_no_sense_is_named(string query)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.AskAsync($"{scene.Bare("json")}?{query}&key={scene.Grant.Key}");

        (await answer.ProblemAsync(HttpStatusCode.BadRequest)).GetRawText().ShouldContain(query.Split('=')[0]);
    }

    [Fact]
    public async Task An_empty_feed_is_a_document_too()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        foreach (var format in new[] { "json", "atom", "rss", "geojson" })
        {
            Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Keyed(format))).ShouldBeEmpty();
        }

        using var xml = XmlReader.Create(new StringReader(await scene.Hub.GetStringAsync(scene.Keyed("atom"))));
        SyndicationFeed.Load(xml).Items.ShouldBeEmpty();
    }

    private async Task<Scene> WithThreeAsync(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.Phone.PostAsync("""
            [{"id":"here","kind":"geo","at":"2026-11-20T08:15:30-03:00","title":"at home","location":{"lat":-23.4,"lon":-50.3,"accuracy":12},"data":{"n":1.50}},
             {"id":"level","kind":"battery","data":{"level":47,"charging":true,"status":"charging"}},
             {"id":"there","kind":"geo","location":{"lat":1,"lon":2,"altitude":3}}]
            """);
        return scene;
    }

    private static async Task<string> FirstAsync(Scene scene, TestGrant grant) =>
        (await scene.Hub.Http.JsonAsync($"{scene.Bare("json")}?key={grant.Key}"))
        .GetProperty("items").EnumerateArray().Last().GetProperty("_update").GetProperty("seq").ToString();
}
