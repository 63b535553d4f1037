using System.IO.Compression;
using System.Text;
using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Intake.Parsing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

public sealed class RequestBodyTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 2000)));

    [Theory]
    [InlineData(null)]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_body_is_unpacked_as_its_encoding_says(string? encoding)
    {
        using var body = await ReadAsync(Pack(Text, encoding), encoding);

        body.Problem.ShouldBeNull();
        body.Bytes.ToArray().ShouldBe(Text);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_body_that_was_cut_off_anywhere_is_refused(string encoding)
    {
        var packed = Pack(Text, encoding);
        foreach (var length in (int[])[1, 5, 10, packed.Length / 2, packed.Length - 8, packed.Length - 4, packed.Length - 1])
        {
            using var body = await ReadAsync(packed[..length], encoding);

            body.Problem.ShouldNotBeNull($"{length} of {packed.Length} bytes").Status.ShouldBe(400);
            body.Problem.Detail.ShouldContain("truncated or corrupt");
        }
    }

    [Fact]
    public async Task A_gzip_with_a_changed_byte_is_refused()
    {
        var packed = Pack(Text, "gzip");
        packed[packed.Length / 2] ^= 0x55;
        using var body = await ReadAsync(packed, "gzip");

        body.Problem.ShouldNotBeNull().Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    public async Task An_encoding_that_is_not_taken_is_told_which_are(string encoding)
    {
        using var body = await ReadAsync(Text, encoding);

        body.Problem.ShouldNotBeNull().Status.ShouldBe(415);
        body.Problem.Detail.ShouldContain("gzip");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData("gzip", true)]
    public async Task One_mebibyte_is_taken_and_a_byte_more_is_not(string? encoding, bool saysItsLength)
    {
        using var whole = await ReadAsync(Pack(new byte[RequestBody.MaxLength], encoding), encoding, saysItsLength);
        using var larger = await ReadAsync(Pack(new byte[RequestBody.MaxLength + 1], encoding), encoding, saysItsLength);

        whole.Problem.ShouldBeNull();
        whole.Bytes.Length.ShouldBe(RequestBody.MaxLength);
        larger.Problem.ShouldNotBeNull().Status.ShouldBe(413);
    }

    [Fact]
    public async Task A_small_body_that_unpacks_to_a_huge_one_is_stopped()
    {
        using var body = await ReadAsync(Pack(new byte[100 * 1024 * 1024], "gzip"), "gzip");

        body.Problem.ShouldNotBeNull().Status.ShouldBe(413);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("application/json", true)]
    [InlineData("application/json; charset=UTF-8", true)]
    [InlineData("text/json", true)]
    [InlineData("application/vnd.phone+json", true)]
    [InlineData("application/x-ndjson", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("text/plain", false)]
    [InlineData("image/svg+json", false)]
    [InlineData("nonsense", false)]
    public void Only_json_and_lines_of_json_are_taken(string? contentType, bool isTaken) =>
        BodyShapes.TryRead(contentType, out _).ShouldBe(isTaken);

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/ndjson; charset=utf-8")]
    [InlineData("application/jsonl")]
    public void Lines_are_told_by_their_content_type(string contentType)
    {
        BodyShapes.TryRead(contentType, out var shape).ShouldBeTrue();
        shape.ShouldBe(BodyShape.Lines);
    }

    private static Task<RequestBody> ReadAsync(byte[] body, string? encoding, bool saysItsLength = true)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(body);
        request.ContentLength = saysItsLength ? body.Length : null;
        request.Headers.ContentEncoding = encoding;
        return RequestBody.ReadAsync(request, RequestBody.MaxLength, TestContext.Current.CancellationToken);
    }

    private static byte[] Pack(byte[] bytes, string? encoding)
    {
        var output = new MemoryStream();
        using (Stream packing = encoding?.ToLowerInvariant() switch
        {
            "gzip" => new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true),
            _ => new BufferedStream(output),
        })
        {
            packing.Write(bytes);
            packing.Flush();
            return encoding is null or "identity" ? output.ToArray() : Finish(packing, output);
        }
    }

    private static byte[] Finish(Stream packing, MemoryStream output)
    {
        packing.Dispose();
        return output.ToArray();
    }
}
