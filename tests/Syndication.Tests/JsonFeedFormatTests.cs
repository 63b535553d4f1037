using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class JsonFeedFormatTests
{
    [Fact]
    public void A_document_has_what_JSON_Feed_1_1_asks_for()
    {
        var feed = JsonElement.Parse(Render(FeedFormat.Json, [Samples.Located()]));

        feed.GetProperty("version").GetString().ShouldBe("https://jsonfeed.org/version/1.1");
        feed.GetProperty("title").GetString().ShouldBe("Maria's phone");
        feed.GetProperty("feed_url").GetString().ShouldBe(Samples.Feed().SelfUrl);
        feed.GetProperty("next_url").GetString().ShouldBe(Samples.Feed().NextUrl);
        feed.GetProperty("home_page_url").GetString().ShouldBe("https://hub.example/people/maria");
        feed.GetProperty("hubs").GetRawText().ShouldBe("""[{"type":"WebSub","url":"https://hub.example/hub"}]""");
        var item = feed.GetProperty("items")[0];
        item.GetProperty("id").GetString().ShouldBe("urn:uuid:0a9f3a53-6f0e-4f6b-9a55-1c7f6d1f0f00");
        item.GetProperty("content_text").GetString().ShouldBe("At -23.4000, -50.3000 (±12 m)");
        item.GetProperty("date_published").GetString().ShouldBe("2026-11-23T08:15:30.25-03:00");
        item.GetProperty("date_modified").GetString().ShouldBe("2026-11-23T12:00:00.123456Z");
        item.GetProperty("tags").GetRawText().ShouldBe("""["geo"]""");
        item.GetProperty("_update").GetRawText()
            .ShouldBe(Encoding.UTF8.GetString(NativeUpdate.Render(Samples.Located(), Samples.PlainPositions)));
    }

    [Fact]
    public void What_is_absent_is_left_out()
    {
        var feed = JsonElement.Parse(FeedRenderer.Render(FeedFormat.Json, Samples.Feed() with { NextUrl = null, HomeUrl = null }, []));

        feed.TryGetProperty("next_url", out _).ShouldBeFalse();
        feed.TryGetProperty("home_page_url", out _).ShouldBeFalse();
        feed.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public void Js_without_a_callback_is_the_same_document() =>
        Render(FeedFormat.Js, [Samples.Located()]).ShouldBe(Render(FeedFormat.Json, [Samples.Located()]));

    [Fact]
    public void With_a_callback_it_is_one_call_behind_an_empty_comment() =>
        Render(FeedFormat.Js, [Samples.Update()], "show").ShouldBe("/**/show(" + Render(FeedFormat.Json, [Samples.Update()]) + ");");

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a.b")]
    [InlineData("alert(1);a")]
    [InlineData("a b")]
    [InlineData("größe")]
    [InlineData("a\u2028b")]
    public void A_callback_that_is_no_identifier_is_refused(string callback)
    {
        JsonpCallback.IsValid(callback).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => Render(FeedFormat.Js, [], callback));
    }

    [Fact]
    public void Names_that_libraries_make_are_callbacks()
    {
        JsonpCallback.IsValid("jQuery_17203_1290").ShouldBeTrue();
        JsonpCallback.IsValid("$cb").ShouldBeTrue();
        JsonpCallback.IsValid(new string('a', JsonpCallback.MaxLength)).ShouldBeTrue();
        JsonpCallback.IsValid(new string('a', JsonpCallback.MaxLength + 1)).ShouldBeFalse();
    }

    [Fact]
    public void No_other_format_takes_a_callback() => Should.Throw<ArgumentException>(() => Render(FeedFormat.Json, [], "show"));

    [Fact]
    public void Text_of_all_tongues_stays_readable()
    {
        var document = Render(
            FeedFormat.Json, [Samples.Update(kind: "mood", title: "Zoë's 😀 שלום +1", data: """{"say":"grüß 👩‍👩‍👧"}""")]);

        document.ShouldContain("\"Zoë's 😀 שלום +1\"");
        document.ShouldContain("grüß 👩‍👩‍👧");
    }

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 500)]
    public void Any_text_arrives_whole_and_cannot_leave_a_script(PhoneText text)
    {
        var update = Samples.Update(kind: "mood", title: "t" + text.Value, data: text.AsData, clientId: text.Value);
        var feed = Samples.Feed("f" + text.Value);

        var document = Encoding.UTF8.GetString(FeedRenderer.Render(FeedFormat.Js, feed, [update], "show"));

        document.ShouldNotContain('<');
        document.ShouldNotContain('\u2028');
        document.ShouldNotContain('\u2029');
        document.ShouldNotContain('\n');
        document.ShouldNotContain('\r');
        var json = JsonElement.Parse(document["/**/show(".Length..^");".Length]);
        json.GetProperty("title").GetString().ShouldBe("f" + text.AsUnicode);
        var item = json.GetProperty("items")[0];
        item.GetProperty("title").GetString().ShouldBe("t" + text.AsUnicode);
        var native = item.GetProperty("_update");
        native.GetProperty("id").GetString().ShouldBe(text.AsUnicode);
        JsonElement.DeepEquals(native.GetProperty("data"), JsonElement.Parse(text.AsData)).ShouldBeTrue();
    }

    private static string Render(FeedFormat format, IReadOnlyList<FeedUpdate> updates, string? callback = null) =>
        Encoding.UTF8.GetString(FeedRenderer.Render(format, Samples.Feed(), updates, callback));
}
