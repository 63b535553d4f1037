using System.IO.Compression;
using System.Text;
using ActivityHub.FeedApi.Reading;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Reading;

public sealed class DocumentTests
{
    private static readonly DateTimeOffset Modified = new(2026, 11, 23, 8, 15, 30, 700, TimeSpan.Zero);

    [Fact]
    public void The_same_bytes_have_the_same_tag_and_others_another()
    {
        Of("a").ETag(ContentCoding.Identity).ShouldBe(Of("a").ETag(ContentCoding.Identity));
        Of("a").ETag(ContentCoding.Identity).ShouldNotBe(Of("b").ETag(ContentCoding.Identity));
    }

    [Fact]
    public void Each_coding_has_a_tag_of_its_own_and_unpacks_to_the_same()
    {
        var document = Of(new string('x', 10_000));

        new[] { ContentCoding.Identity, ContentCoding.Gzip, ContentCoding.Brotli }.Select(document.ETag).Distinct().Count().ShouldBe(3);
        var plain = document.Bytes(ContentCoding.Identity);
        Unpack(new GZipStream(new MemoryStream(document.Bytes(ContentCoding.Gzip)), CompressionMode.Decompress)).ShouldBe(plain);
        Unpack(new BrotliStream(new MemoryStream(document.Bytes(ContentCoding.Brotli)), CompressionMode.Decompress)).ShouldBe(plain);
    }

    [Fact]
    public void A_small_document_goes_as_it_is() => Of("a").Narrow(ContentCoding.Brotli).ShouldBe(ContentCoding.Identity);

    [Theory]
    [InlineData("{etag}", true)]
    [InlineData("W/{etag}", true)]
    [InlineData("\"x\", {etag}", true)]
    [InlineData("*", true)]
    [InlineData("\"x\"", false)]
    [InlineData("nonsense", false)]
    public void A_tag_that_the_caller_holds_is_known(string header, bool isKnown)
    {
        var document = Of("a");
        var etag = document.ETag(ContentCoding.Identity);

        IsKnown(document, etag, headers => headers.IfNoneMatch = header.Replace("{etag}", etag, StringComparison.Ordinal))
            .ShouldBe(isKnown);
    }

    [Theory]
    [InlineData("Mon, 23 Nov 2026 08:15:30 GMT", true)]
    [InlineData("Mon, 23 Nov 2026 08:15:31 GMT", true)]
    [InlineData("Mon, 23 Nov 2026 08:15:29 GMT", false)]
    [InlineData("nonsense", false)]
    public void A_date_counts_in_whole_seconds(string header, bool isKnown)
    {
        var document = Of("a");

        IsKnown(document, document.ETag(ContentCoding.Identity), headers => headers.IfModifiedSince = header).ShouldBe(isKnown);
    }

    // RFC 9110 §13.1.3: a recipient ignores If-Modified-Since where there is an If-None-Match.
    [Fact]
    public void A_tag_that_does_not_match_outweighs_a_date_that_does() =>
        IsKnown(Of("a"), Of("a").ETag(ContentCoding.Identity), headers =>
        {
            headers.IfNoneMatch = "\"x\"";
            headers.IfModifiedSince = "Mon, 23 Nov 2026 08:15:31 GMT";
        }).ShouldBeFalse();

    [Fact]
    public void A_date_tells_nothing_where_two_updates_came_in_one_second()
    {
        var document = new RenderedDocument(
            "a"u8.ToArray())
        { ContentType = "", LastModified = Modified, LastModifiedTells = false, IsPublic = false };

        IsKnown(document, document.ETag(ContentCoding.Identity), headers => headers.IfModifiedSince = "Mon, 23 Nov 2026 08:15:30 GMT")
            .ShouldBeFalse();
    }

    private static RenderedDocument Of(string text) =>
        new(
            Encoding.UTF8.GetBytes(text))
        {
            ContentType = "text/plain",
            LastModified = Modified,
            LastModifiedTells = true,
            IsPublic = false
        };

    private static bool IsKnown(RenderedDocument document, string etag, Action<IHeaderDictionary> ask)
    {
        var headers = new HeaderDictionary();
        ask(headers);
        return DocumentResponse.IsKnown(headers, document, etag);
    }

    private static byte[] Unpack(Stream packed)
    {
        using var output = new MemoryStream();
        using (packed)
        {
            packed.CopyTo(output);
        }

        return output.ToArray();
    }
}
