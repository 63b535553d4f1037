using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class WebLinkingTests
{
    [Fact]
    public void One_value_names_hub_self_status_and_next()
    {
        WebLinking.Header("https://h.example/hub", "https://h.example/feeds/a.atom").ShouldBe(
            "<https://h.example/hub>; rel=\"hub\", <https://h.example/feeds/a.atom>; rel=\"self\"");
        WebLinking.Header("https://h.example/hub", "https://h.example/feeds/a.atom?key=k", "https://h.example/s", "https://h.example/n")
            .ShouldBe(
            "<https://h.example/hub>; rel=\"hub\", <https://h.example/feeds/a.atom?key=k>; rel=\"self\", <https://h.example/s>; "
            + "rel=\"status\", <https://h.example/n>; rel=\"next\"");
    }

    [Fact]
    public void A_topic_that_its_subscriber_spelled_oddly_cannot_end_the_header() =>
        WebLinking.Header("https://h.example/hub", "https://h.example/a?key=>\r\nX: \"ü\"")
            .ShouldEndWith("<https://h.example/a?key=%3E%0D%0AX:%20%22%C3%BC%22>; rel=\"self\"");

    [Property(Arbitrary = [typeof(PhoneTexts)])]
    public void Whatever_the_topic_holds_there_are_two_links_in_ASCII(PhoneText text)
    {
        var header = WebLinking.Header("https://h.example/hub", "https://h.example/" + text.Value);

        header.ShouldAllBe(character => character >= ' ' && character < '\u007F');
        header.Count(character => character is '<' or '>').ShouldBe(4);
        header.Count(character => character == '"').ShouldBe(4);
    }
}
