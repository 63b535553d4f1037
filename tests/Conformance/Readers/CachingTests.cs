using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Readers;

/// <summary>Conditional requests, HEAD, compression and CORS (RFC 9110, Fetch).</summary>
public sealed class CachingTests(SharedHubs hubs)
{
    public static TheoryData<string> Formats => ["atom", "rss", "json", "js", "geojson"];

    [Theory, MemberData(nameof(Formats))]
    public async Task A_reader_that_has_it_already_gets_304_until_something_is_new(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("a");
        using var first = await scene.Hub.Http.AskAsync(scene.Keyed(format));
        var tag = first.Headers.ETag!;

        using var same = await scene.Hub.Http.AskAsync(scene.Keyed(format), ("If-None-Match", tag.ToString()));
        using var oneOfMany = await scene.Hub.Http.AskAsync(scene.Keyed(format), ("If-None-Match", $"\"x\", W/{tag}"));
        using var any = await scene.Hub.Http.AskAsync(scene.Keyed(format), ("If-None-Match", "*"));
        using var other = await scene.Hub.Http.AskAsync(scene.Keyed(format), ("If-None-Match", "\"x\""));
        await scene.PostEachAsync("b");
        using var changed = await scene.Hub.Http.AskAsync(scene.Keyed(format), ("If-None-Match", tag.ToString()));

        tag.IsWeak.ShouldBeFalse();
        first.Content.Headers.LastModified.ShouldNotBeNull();
        foreach (var unchanged in new[] { same, oneOfMany, any })
        {
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
            unchanged.Headers.ETag.ShouldBe(tag);
            (await unchanged.TextAsync()).ShouldBeEmpty();
            unchanged.Headers.CacheControl.ShouldBe(first.Headers.CacheControl);
        }

        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        changed.Headers.ETag.ShouldNotBe(tag);
    }

    [Theory, BothDatabases]
    public async Task If_Modified_Since_works_and_If_None_Match_goes_before_it(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("a");
        using var first = await scene.Hub.Http.AskAsync(scene.Keyed("atom"));
        var modified = first.Content.Headers.LastModified!.Value;

        using var since = await scene.Hub.Http.AskAsync(scene.Keyed("atom"), ("If-Modified-Since", modified.ToString("R")));
        using var before = await scene.Hub.Http.AskAsync(scene.Keyed("atom"), ("If-Modified-Since", modified.AddSeconds(-1).ToString("R")));
        using var both = await scene.Hub.Http.AskAsync(
            scene.Keyed("atom"), ("If-Modified-Since", modified.ToString("R")), ("If-None-Match", "\"x\""));
        using var nonsense = await scene.Hub.Http.AskAsync(scene.Keyed("atom"), ("If-Modified-Since", "yesterday"));

        since.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        before.StatusCode.ShouldBe(HttpStatusCode.OK);
        both.StatusCode.ShouldBe(HttpStatusCode.OK);
        nonsense.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task HEAD_answers_as_GET_without_the_body(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("a");

        using var get = await scene.Hub.Http.AskAsync(scene.Keyed(format));
        using var head = await scene.Hub.Http.SendAsync(HttpMethod.Head, scene.Keyed(format), null);
        using var unchanged =
            await scene.Hub.Http.SendAsync(HttpMethod.Head, scene.Keyed(format), null, ("If-None-Match", get.Headers.ETag!.ToString()));

        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await head.TextAsync()).ShouldBeEmpty();
        head.Headers.ETag.ShouldBe(get.Headers.ETag);
        head.Content.Headers.LastModified.ShouldBe(get.Content.Headers.LastModified);
        head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType);
        head.Headers.GetValues("Link").ShouldBe(get.Headers.GetValues("Link"));
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_reader_may_have_it_compressed_under_a_tag_of_its_own(string coding)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.Phone.PostAsync($"[{string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"id":"u{{i}}","kind":"x"}"""))}]");

        foreach (var format in Formats)
        {
            var url = scene.Keyed(format);
            using var plain = await scene.Hub.Http.AskAsync(url);
            using var packed = await scene.Hub.Http.AskAsync(url, ("Accept-Encoding", coding));
            using var unchanged =
                await scene.Hub.Http.AskAsync(url, ("Accept-Encoding", coding), ("If-None-Match", packed.Headers.ETag!.ToString()));
            using var refused = await scene.Hub.Http.AskAsync(url, ("Accept-Encoding", coding + ";q=0"));

            packed.Content.Headers.ContentEncoding.ShouldBe([coding]);
            packed.Headers.Vary.ShouldContain("Accept-Encoding");
            plain.Headers.Vary.ShouldContain("Accept-Encoding");
            packed.Headers.ETag.ShouldNotBe(plain.Headers.ETag);
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
            refused.Content.Headers.ContentEncoding.ShouldNotContain(coding);
            var bytes = await packed.Content.ReadAsStreamAsync(Cancel);
            using var reader = new StreamReader(
                coding == "gzip" ? new GZipStream(bytes, CompressionMode.Decompress) : new BrotliStream(bytes, CompressionMode.Decompress),
                Encoding.UTF8);
            (await reader.ReadToEndAsync(Cancel)).ShouldBe(await plain.TextAsync());
        }
    }

    [Fact]
    public async Task Any_site_may_read_with_a_key_that_its_user_gave_it()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var get = await scene.Hub.Http.AskAsync(scene.Keyed("json"), ("Origin", "https://map.example.org"));
        using var preflight = await scene.Hub.Http.SendAsync(
            HttpMethod.Options,
            scene.Bare("json"),
            null,
            ("Origin", "https://map.example.org"),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", "authorization"));
        using var write = await scene.Hub.Http.SendAsync(
            HttpMethod.Options, $"/hub", null, ("Origin", "https://map.example.org"), ("Access-Control-Request-Method", "POST"));

        get.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        get.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
        string.Join(',', get.Headers.GetValues("Access-Control-Expose-Headers")).ShouldContain("Link", Case.Insensitive);
        ((int)preflight.StatusCode).ShouldBeInRange(200, 204);
        preflight.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Headers")).ShouldContain("authorization", Case.Insensitive);
        write.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task What_is_private_is_for_no_shared_cache_and_no_referrer(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var withKey = await scene.Hub.Http.AskAsync(scene.Keyed(format));
        using var ofOwner = await scene.Owner.Http.AskAsync(scene.Bare(format));
        await scene.Owner.GrantAsync(
            scene.Feed, new TestGrantRequest { Public = true, Precision = "exact", From = TimeProvider.System.GetUtcNow().AddDays(-1) });
        using var open = await scene.Hub.Http.AskAsync(scene.Bare(format));
        using var stillKeyed = await scene.Hub.Http.AskAsync(scene.Keyed(format));

        foreach (var answer in new[] { withKey, ofOwner, stillKeyed })
        {
            var cache = answer.Headers.CacheControl!;
            (cache.Private, cache.NoCache, cache.Public).ShouldBe((true, true, false));
            answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        }

        open.StatusCode.ShouldBe(HttpStatusCode.OK);
        open.Headers.CacheControl.ShouldBe(CacheControlHeaderValue.Parse("public, no-cache"));
    }
}
