using System.Net;
using System.ServiceModel.Syndication;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class RssFormatTests
{
    [Fact]
    public void An_independent_reader_finds_everything_that_RSS_asks_of_a_channel()
    {
        var feed = Read([Samples.Update()]);

        feed.Title.Text.ShouldBe("Maria's phone");
        feed.Description.Text.ShouldNotBeNullOrWhiteSpace();
        feed.Links.First(link => link.RelationshipType == "alternate").Uri.OriginalString.ShouldBe("https://hub.example/people/maria");
        feed.LastUpdatedTime.ShouldBe(Samples.Noon);
        feed.Generator.ShouldBe("Activity Hub");
        Linked("self").ShouldBe(Samples.Feed().SelfUrl);
        Linked("hub").ShouldBe("https://hub.example/hub");
        Linked("next").ShouldBe(Samples.Feed().NextUrl);
    }

    [Fact]
    public void An_independent_reader_finds_everything_that_RSS_asks_of_an_item()
    {
        var update = Samples.Located();

        var item = Read([update]).Items.Single();

        item.Id.ShouldBe("urn:uuid:0a9f3a53-6f0e-4f6b-9a55-1c7f6d1f0f00");
        item.Title.Text.ShouldBe("At -23.4000, -50.3000 (±12 m)");
        ((TextSyndicationContent)item.Content).Text.ShouldBe("At -23.4000, -50.3000 (±12 m)");
        item.PublishDate.ShouldBe(new DateTimeOffset(2026, 11, 23, 11, 15, 30, TimeSpan.Zero));
        item.Categories.Single().Name.ShouldBe("geo");
        item.ElementExtensions.ReadElementExtensions<string>("point", "http://www.georss.org/georss").Single().ShouldBe("-23.4 -50.3");
        item.ElementExtensions.ReadElementExtensions<string>("update", "urn:activityhub:ns:1").Single()
            .ShouldBe(System.Text.Encoding.UTF8.GetString(NativeUpdate.Render(update, Samples.PlainPositions)));
    }

    [Fact]
    public void Dates_are_in_GMT_with_four_digits_for_the_year_and_the_guid_is_no_link()
    {
        var item = XmlOf(Samples.Feed(), [Samples.Located()]).Descendants("item").Single();

        item.Element("pubDate")!.Value.ShouldBe("Mon, 23 Nov 2026 11:15:30 GMT");
        item.Element("guid")!.Attribute("isPermaLink")!.Value.ShouldBe("false");
    }

    [Fact]
    public void A_feed_without_a_page_links_to_itself() =>
        XmlOf(Samples.Feed() with { HomeUrl = null }, []).Root!.Element("channel")!.Element("link")!.Value.ShouldBe(Samples.Feed().SelfUrl);

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 500)]
    public void Any_text_arrives_as_far_as_XML_can_carry_it(PhoneText text)
    {
        var update = Samples.Update(kind: "mood", title: "t" + text.Value, data: text.AsData);

        var feed = Read([update], Samples.Feed("f" + text.Value));

        feed.Title.Text.ShouldBe("f" + text.AsXml);
        var item = feed.Items.Single();
        item.Title.Text.ShouldBe("t" + text.AsXml);
        using var json = JsonDocument.Parse(
            item.ElementExtensions.ReadElementExtensions<string>("update", "urn:activityhub:ns:1").Single());
        json.RootElement.GetProperty("title").GetString().ShouldBe("t" + text.AsUnicode);
        JsonElement.DeepEquals(json.RootElement.GetProperty("data"), JsonElement.Parse(text.AsData)).ShouldBeTrue();
    }

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 300)]
    public void A_description_is_HTML_that_shows_the_text_and_nothing_else(PhoneText text)
    {
        var update = Samples.Update(kind: "calendar", data: JsonSerializer.Serialize(new { title = text.AsUnicode }));

        var description = ((TextSyndicationContent)Read([update]).Items.Single().Content).Text;

        description.ShouldNotContain('<');
        WebUtility.HtmlDecode(description).ShouldBe(new PhoneText(UpdateTitle.Of(update)).AsXml);
    }

    private static string? Linked(string relation) =>
        XmlOf(Samples.Feed(), []).Descendants(XName.Get("link", "http://www.w3.org/2005/Atom"))
            .Single(link => link.Attribute("rel")!.Value == relation).Attribute("href")!.Value;

    private static SyndicationFeed Read(IReadOnlyList<FeedUpdate> updates, FeedDescription? feed = null)
    {
        using var reader = XmlReader.Create(new MemoryStream(FeedRenderer.Render(FeedFormat.Rss, feed ?? Samples.Feed(), updates)));
        return SyndicationFeed.Load(reader);
    }

    private static XDocument XmlOf(FeedDescription feed, IReadOnlyList<FeedUpdate> updates) =>
        XDocument.Load(new MemoryStream(FeedRenderer.Render(FeedFormat.Rss, feed, updates)));
}
