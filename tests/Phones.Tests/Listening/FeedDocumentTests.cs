using System.Text;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Tests.Stubs;
using Shouldly;

namespace ActivityHub.Phones.Tests.Listening;

public sealed class FeedDocumentTests
{
    [Fact]
    public void Atom_gives_updates_and_links()
    {
        var document = Parse("application/atom+xml; charset=utf-8", Documents.Atom([Documents.Update(2, "b"), Documents.Update(1, "a")]));

        document
            .Updates.Select(update => (update.Seq, update.Id, update.Kind, update.Title))
            .ShouldBe([(2L, "b", "battery", "made for people"), (1L, "a", "battery", "made for people")]);
        document.Updates[0].Received.ShouldBe(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
        document.Links.ShouldBe([("hub", "https://hub.example/hub"), ("self", "https://hub.example/feeds/f.atom")]);
    }

    [Fact]
    public void Rss_gives_updates_and_links_whatever_the_prefix_of_the_extension()
    {
        var document = Parse(
            "application/rss+xml",
            """
            <rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom" xmlns:x="urn:some"><channel><title>f</title>
            <a:link rel="hub" href="https://hub.example/hub"/>
            <item><title>Battery 47 %</title><category>battery</category><pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>
            <x:update>{"seq":"opaque","id":"q"}</x:update></item></channel></rss>
            """
        );

        document
            .Updates.ShouldHaveSingleItem()
            .ShouldBe(
                new ReceivedUpdate("opaque", "q", "battery", "Battery 47 %", new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero))
            );
        document.Updates[0].Seq.ShouldBeNull();
        document.Links.ShouldBe([("hub", "https://hub.example/hub")]);
    }

    [Fact]
    public void Json_feed_gives_updates_and_links()
    {
        var document = Parse("application/feed+json; charset=utf-8", Documents.JsonFeed([Documents.Update(9, "z")]));

        document.Updates.ShouldHaveSingleItem().Id.ShouldBe("z");
        document.Updates[0].Seq.ShouldBe(9);
        document.Links.ShouldBe([("hub", "https://hub.example/hub"), ("self", "https://hub.example/feeds/f.json")]);
    }

    [Theory]
    [InlineData("""{"seq":4,"id":"g","kind":"geo","title":"Here"}""")]
    [InlineData("""{"title":"Here","_update":{"seq":4,"id":"g","kind":"geo"}}""")]
    public void Geojson_gives_updates(string properties)
    {
        var json = $$"""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{{properties}}}]}""";
        var update = Parse("application/geo+json", json).Updates.ShouldHaveSingleItem();

        (update.Seq, update.Id, update.Kind, update.Title).ShouldBe((4L, "g", "geo", "Here"));
    }

    [Theory]
    [InlineData("application/atom+xml", "<feed><entry>")]
    [InlineData("application/atom+xml", "<html/>")]
    [InlineData("application/atom+xml", "<!DOCTYPE feed [<!ENTITY a \"b\">]><feed>&a;</feed>")]
    [InlineData("application/feed+json", "{")]
    [InlineData("application/feed+json", "[]")]
    [InlineData("application/feed+json", "{\"a\":1}")]
    public void What_is_no_feed_is_a_fault_and_not_a_surprise(string type, string body)
    {
        FeedDocument.Parse(type, Encoding.UTF8.GetBytes(body), out var fault).ShouldBeNull();
        fault.ShouldNotBeNull();
    }

    private static FeedDocument Parse(string type, string body) =>
        FeedDocument.Parse(type, Encoding.UTF8.GetBytes(body), out _).ShouldNotBeNull();
}
