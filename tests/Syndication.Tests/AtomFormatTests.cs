using System.ServiceModel.Syndication;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class AtomFormatTests
{
    private static readonly XName EntryName = XName.Get("entry", "http://www.w3.org/2005/Atom");

    [Fact]
    public void An_independent_reader_finds_everything_that_Atom_asks_of_a_feed()
    {
        var feed = Read([Samples.Update()]);

        feed.Id.ShouldBe("urn:activityhub:feed:" + OpaqueId.Format(Samples.FeedId));
        feed.Title.Text.ShouldBe("Maria's phone");
        feed.LastUpdatedTime.ShouldBe(Samples.Noon);
        feed.Authors.Single().Name.ShouldBe("Maria's phone");
        feed.Generator.ShouldBe("Activity Hub");
        feed.Links.Select(link => (link.RelationshipType, link.Uri.OriginalString)).ShouldBe(
        [
            ("self", Samples.Feed().SelfUrl),
            ("hub", "https://hub.example/hub"),
            ("next", Samples.Feed().NextUrl!),
            ("alternate", "https://hub.example/people/maria"),
        ]);
    }

    [Fact]
    public void An_independent_reader_finds_everything_that_Atom_asks_of_an_entry()
    {
        var update = Samples.Located();

        var entry = Read([update]).Items.Single();

        entry.Id.ShouldBe("urn:uuid:0a9f3a53-6f0e-4f6b-9a55-1c7f6d1f0f00");
        entry.Title.Text.ShouldBe("At -23.4000, -50.3000 (±12 m)");
        // The reader keeps no more than the second in its dates; the bytes have the fraction.
        entry.PublishDate.ShouldBe(update.Observed, TimeSpan.FromSeconds(1));
        entry.PublishDate.Offset.ShouldBe(TimeSpan.FromHours(-3));
        entry.LastUpdatedTime.ShouldBe(update.Received, TimeSpan.FromSeconds(1));
        entry.Categories.Single().Name.ShouldBe("geo");
        entry.Content.ShouldBeOfType<TextSyndicationContent>().Type.ShouldBe("text");
        entry.ElementExtensions.ReadElementExtensions<string>("point", "http://www.georss.org/georss").Single().ShouldBe("-23.4 -50.3");
        entry.ElementExtensions.ReadElementExtensions<string>("update", "urn:activityhub:ns:1").Single()
            .ShouldBe(System.Text.Encoding.UTF8.GetString(NativeUpdate.Render(update, Samples.PlainPositions)));
    }

    [Fact]
    public void Times_keep_the_phones_offset_and_the_microsecond()
    {
        var entry = XmlOf([Samples.Located()]).Root!.Element(EntryName)!;

        entry.Element(EntryName.Namespace + "published")!.Value.ShouldBe("2026-11-23T08:15:30.25-03:00");
        entry.Element(EntryName.Namespace + "updated")!.Value.ShouldBe("2026-11-23T12:00:00.123456Z");
    }

    [Fact]
    public void Entries_keep_the_order_in_which_they_are_given() =>
        Read([Samples.Update(seq: 3), Samples.Update(seq: 2), Samples.Update(seq: 1)]).Items.Select(item => item.Id[^1]).ShouldBe("321");

    [Fact]
    public void An_empty_feed_is_a_feed() => Read([]).Items.ShouldBeEmpty();

    [Fact]
    public void An_update_without_a_place_has_no_point() =>
        XmlOf([Samples.Update()]).Descendants(XName.Get("point", "http://www.georss.org/georss")).ShouldBeEmpty();

    [Theory]
    [InlineData(0.000_001, -0.000_012_5, "0.000001000 -0.000012500")]
    [InlineData(0, 180, "0.000000000 180")]
    [InlineData(89.999_999_9, -179.123_456_789, "89.9999999 -179.123456789")]
    public void Points_are_plain_decimals(double lat, double lon, string point) =>
        XmlOf([Samples.Located(lat, lon)]).Descendants(XName.Get("point", "http://www.georss.org/georss")).Single().Value.ShouldBe(point);

    [Fact]
    public void The_document_begins_without_a_byte_order_mark_and_declares_its_prefixes_once()
    {
        var text = System.Text.Encoding.UTF8.GetString(
            FeedRenderer.Render(FeedFormat.Atom, Samples.Feed(), [Samples.Located(), Samples.Located()]));

        text.ShouldStartWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed ");
        text.Split("xmlns:georss=").Length.ShouldBe(2);
        text.Split("xmlns:hub=").Length.ShouldBe(2);
        text.Split("<georss:point>").Length.ShouldBe(3);
    }

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 500)]
    public void Any_text_arrives_as_far_as_XML_can_carry_it(PhoneText text)
    {
        var update = Samples.Update(kind: "mood", title: "t" + text.Value, data: text.AsData, clientId: text.Value);

        var feed = Read([update], Samples.Feed("f" + text.Value));

        feed.Title.Text.ShouldBe("f" + text.AsXml);
        var entry = feed.Items.Single();
        entry.Title.Text.ShouldBe("t" + text.AsXml);
        var native = entry.ElementExtensions.ReadElementExtensions<string>("update", "urn:activityhub:ns:1").Single();
        using var json = JsonDocument.Parse(native);
        json.RootElement.GetProperty("title").GetString().ShouldBe("t" + text.AsUnicode);
        json.RootElement.GetProperty("id").GetString().ShouldBe(text.AsUnicode);
        JsonElement.DeepEquals(json.RootElement.GetProperty("data"), JsonElement.Parse(text.AsData)).ShouldBeTrue();
    }

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 300)]
    public void Any_text_that_made_a_title_arrives_too(PhoneText text)
    {
        var update = Samples.Update(kind: "calendar", data: JsonSerializer.Serialize(new { title = text.AsUnicode }));

        var entry = Read([update]).Items.Single();

        entry.Title.Text.ShouldBe(new PhoneText(UpdateTitle.Of(update)).AsXml);
        ((TextSyndicationContent)entry.Content).Text.ShouldBe(entry.Title.Text);
    }

    private static SyndicationFeed Read(IReadOnlyList<FeedUpdate> updates, FeedDescription? feed = null)
    {
        using var reader = XmlReader.Create(new MemoryStream(FeedRenderer.Render(FeedFormat.Atom, feed ?? Samples.Feed(), updates)));
        return SyndicationFeed.Load(reader);
    }

    private static XDocument XmlOf(IReadOnlyList<FeedUpdate> updates) =>
        XDocument.Load(new MemoryStream(FeedRenderer.Render(FeedFormat.Atom, Samples.Feed(), updates)));
}
