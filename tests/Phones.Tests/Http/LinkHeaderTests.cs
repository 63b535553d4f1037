using ActivityHub.Phones.Http;
using Shouldly;

namespace ActivityHub.Phones.Tests.Http;

public sealed class LinkHeaderTests
{
    [Fact]
    public void Links_are_read_from_one_header_or_several() =>
        LinkHeader
            .Parse([
                "<https://a/hub>; rel=\"hub\", </feeds/1.atom?kind=geo,battery>; rel=self",
                "<https://a/next>;title=\"a, b; rel=c\";REL=\"next last\"",
            ])
            .ShouldBe([
                ("hub", "https://a/hub"),
                ("self", "/feeds/1.atom?kind=geo,battery"),
                ("next", "https://a/next"),
                ("last", "https://a/next"),
            ]);

    [Theory]
    [InlineData("")]
    [InlineData("<https://a")]
    [InlineData("https://a; rel=hub")]
    [InlineData("<https://a>; title=\"unended")]
    public void What_is_malformed_gives_nothing(string header) => LinkHeader.Parse([header]).ShouldBeEmpty();
}
