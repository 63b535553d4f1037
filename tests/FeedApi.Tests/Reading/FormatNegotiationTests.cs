using ActivityHub.FeedApi.Reading;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Reading;

public sealed class FormatNegotiationTests
{
    [Theory]
    [InlineData(null, FeedFormat.Atom)]
    [InlineData("*/*", FeedFormat.Atom)]
    [InlineData("nonsense", FeedFormat.Atom)]
    [InlineData("image/png", FeedFormat.Atom)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", FeedFormat.Atom)]
    [InlineData("application/atom+xml", FeedFormat.Atom)]
    [InlineData("application/rss+xml", FeedFormat.Rss)]
    [InlineData("application/rss+xml, application/atom+xml;q=0.9", FeedFormat.Rss)]
    [InlineData("application/rss+xml;q=0.8, application/atom+xml;q=0.9", FeedFormat.Atom)]
    [InlineData("application/json", FeedFormat.Json)]
    [InlineData("application/json, text/plain, */*", FeedFormat.Json)]
    [InlineData("application/json;q=0.5, */*", FeedFormat.Atom)]
    [InlineData("application/feed+json;q=0.5, */*;q=0.1", FeedFormat.Json)]
    [InlineData("APPLICATION/GEO+JSON", FeedFormat.GeoJson)]
    [InlineData("text/javascript", FeedFormat.Js)]
    [InlineData("application/atom+xml;q=0, application/xml;q=0, text/xml;q=0, */*", FeedFormat.Json)]
    public void The_format_is_the_one_that_the_caller_likes_best(string? accept, FeedFormat format) =>
        FormatNegotiation.Choose(accept).ShouldBe(format);

    [Theory]
    [InlineData(null, null)]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=1, br;q=0.5", "gzip")]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("*", "br")]
    [InlineData("*, br;q=0", "gzip")]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("deflate", null)]
    [InlineData("nonsense;;;", null)]
    public void The_coding_is_the_one_that_the_caller_likes_best(string? acceptEncoding, string? coding) =>
        ContentCodings.Choose(acceptEncoding).Token().ShouldBe(coding);
}
