using System.Text.Json;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class UpdateTitleTests
{
    [Theory]
    [InlineData("battery", """{"level":47,"charging":true}""", "Battery 47 %, charging")]
    [InlineData("battery", """{"level":46.6,"charging":false,"state":"unplugged"}""", "Battery 47 %")]
    [InlineData("battery", """{"level":100,"state":"full"}""", "Battery 100 %, full")]
    [InlineData("battery", """{"level":-1}""", "Battery")]
    [InlineData("battery", """{"level":1e999}""", "Battery")]
    [InlineData("battery", """{"level":"47"}""", "Battery")]
    [InlineData("battery", null, "Battery")]
    [InlineData("activity", """{"activity":"walking"}""", "Walking")]
    [InlineData("activity", """{"type":"in_vehicle"}""", "In vehicle")]
    [InlineData("activity", """{"type":7}""", "Activity")]
    [InlineData("activity", """{"type":"\ud800"}""", "Activity")]
    [InlineData("activity", """{"\ud800activity":1,"\u0061ctivity":"still"}""", "Still")]
    [InlineData("calendar", """{"title":"Lunch\nwith Ana"}""", "Calendar: Lunch with Ana")]
    [InlineData("sensor", """{"name":"temperature","value":21.50,"unit":"°C"}""", "Sensor temperature: 21.50 °C")]
    [InlineData("sensor", """{"sensor":"door","value":"open"}""", "Sensor door: open")]
    [InlineData("sensor", """{"value":1}""", "Sensor")]
    [InlineData("geo", """{"title":"ignored"}""", "Geo")]
    [InlineData("geo", """{"event":"entered","place":"Home"}""", "Entered Home")]
    [InlineData("geo", """{"event":"left","place":7}""", "Geo")]
    [InlineData("geo", """{"event":"beacon","place":"Home"}""", "Geo")]
    [InlineData("geo", """{"event":"\ud800"}""", "Geo")]
    [InlineData("heart-rate", """{"bpm":61}""", "Heart-rate")]
    public void Titles_are_made_from_kind_and_data(string kind, string? data, string title) =>
        UpdateTitle.Of(Samples.Update(kind, data: data)).ShouldBe(title);

    [Fact]
    public void A_place_says_where_and_how_exactly()
    {
        UpdateTitle.Of(Samples.Located()).ShouldBe("At -23.4000, -50.3000 (±12 m)");
        UpdateTitle.Of(Samples.Located(accuracy: null)).ShouldBe("At -23.4000, -50.3000");
        UpdateTitle.Of(Samples.Located(accuracy: double.NaN)).ShouldBe("At -23.4000, -50.3000");
    }

    [Fact]
    public void The_phones_own_title_comes_first_unless_it_is_blank()
    {
        UpdateTitle.Of(Samples.Update(title: "Low soon")).ShouldBe("Low soon");
        UpdateTitle.Of(Samples.Update(title: "  ")).ShouldBe("Battery 47 %, charging");
    }

    [Fact]
    public void What_is_long_is_cut_between_characters()
    {
        var title = UpdateTitle.Of(Samples.Update("calendar", data: $$"""{"title":"x{{string.Concat(Enumerable.Repeat("😀", 150))}}"}"""));

        title.Length.ShouldBeLessThanOrEqualTo(NewUpdate.MaxTitleLength);
        title.ShouldEndWith("😀…");
    }

    [Fact]
    public void Data_of_any_depth_have_a_title() =>
        UpdateTitle.Of(
            Samples.Update("activity", data: $$"""{"deep":{{new string('[', 5000)}}{{new string(']', 5000)}},"activity":"still"}"""))
                .ShouldBe("Still");

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 300)]
    public void A_made_title_is_one_short_line(PhoneText text)
    {
        foreach (var kind in new[] { "battery", "activity", "calendar", "sensor", "mood" })
        {
            var data = JsonSerializer.Serialize(
                new { state = text.AsUnicode, level = 5, type = text.AsUnicode, title = text.AsUnicode, value = text.AsUnicode });

            var title = UpdateTitle.Of(Samples.Update(kind, data: data));

            title.ShouldNotBeEmpty();
            title.Length.ShouldBeLessThanOrEqualTo(NewUpdate.MaxTitleLength);
            title.ShouldNotContain('\n');
        }
    }
}
