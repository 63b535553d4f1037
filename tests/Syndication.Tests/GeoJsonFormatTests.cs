using System.Text.Json;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class GeoJsonFormatTests
{
    [Fact]
    public void A_feed_is_a_collection_that_names_itself()
    {
        var collection = Render([]);

        collection.GetProperty("type").GetString().ShouldBe("FeatureCollection");
        collection.GetProperty("title").GetString().ShouldBe("Maria's phone");
        collection.GetProperty("updated").GetString().ShouldBe("2026-11-23T12:00:00Z");
        collection.GetProperty("links").EnumerateArray().Select(link => link.GetProperty("rel").GetString())
            .ShouldBe(["self", "hub", "next", "alternate"]);
        collection.GetProperty("features").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public void A_place_is_longitude_first_and_carries_its_altitude()
    {
        var feature = Render([Samples.Located()]).GetProperty("features")[0];

        feature.GetProperty("type").GetString().ShouldBe("Feature");
        feature.GetProperty("id").GetString().ShouldBe("urn:uuid:0a9f3a53-6f0e-4f6b-9a55-1c7f6d1f0f00");
        feature.GetProperty("geometry").GetRawText().ShouldBe("""{"type":"Point","coordinates":[-50.3,-23.4,610]}""");
        feature.GetProperty("properties").GetRawText().ShouldBe(
            """{"seq":19,"id":"phone-7","kind":"geo","at":"2026-11-23T08:15:30.25-03:00","received":"2026-11-23T12:00:00.123456Z","title":"At -23.4000, -50.3000 (±12 m)","accuracy":12,"speed":3.2,"heading":270}""");
    }

    [Fact]
    public void Without_an_altitude_there_are_two_coordinates() =>
        Render([Samples.Located(altitude: null)]).GetProperty("features")[0].GetProperty("geometry").GetProperty("coordinates")
            .GetArrayLength().ShouldBe(2);

    [Fact]
    public void Without_a_place_the_geometry_is_null_and_the_data_are_there()
    {
        var feature = Render([Samples.Update()]).GetProperty("features")[0];

        feature.GetProperty("geometry").ValueKind.ShouldBe(JsonValueKind.Null);
        feature.GetProperty("properties").GetProperty("data").GetProperty("level").GetInt32().ShouldBe(47);
    }

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 300)]
    public void Any_text_arrives_whole(PhoneText text)
    {
        var properties = Render([Samples.Update(kind: "mood", title: "t" + text.Value, data: text.AsData)]).GetProperty("features")[0]
            .GetProperty("properties");

        properties.GetProperty("title").GetString().ShouldBe("t" + text.AsUnicode);
        JsonElement.DeepEquals(properties.GetProperty("data"), JsonElement.Parse(text.AsData)).ShouldBeTrue();
    }

    private static JsonElement Render(IReadOnlyList<FeedUpdate> updates) =>
        JsonElement.Parse(FeedRenderer.Render(FeedFormat.GeoJson, Samples.Feed(), updates));
}
