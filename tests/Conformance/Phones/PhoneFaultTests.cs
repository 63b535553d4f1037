using System.Net;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;
using static ActivityHub.Conformance.Phones.PhonesTests;

namespace ActivityHub.Conformance.Phones;

/// <summary>A phone's invalid request is answered with a problem document that names the faults, and no part of it is stored.</summary>
public sealed class PhoneFaultTests(SharedHubs hubs)
{
    [Theory]
    [InlineData("kind", """{"id":"a"}""")]
    [InlineData("kind", """{"kind":""}""")]
    [InlineData("kind", """{"kind":"Geo"}""")]
    [InlineData("kind", """{"kind":"a kind"}""")]
    [InlineData("kind", """{"kind":"abcdefghijklmnopqrstuvwxyz0123456"}""")]
    [InlineData("kind", """{"kind":7}""")]
    [InlineData("kind", """{"kind":null}""")]
    [InlineData("id", """{"id":7,"kind":"x"}""")]
    [InlineData("id", """{"id":"","kind":"x"}""")]
    [InlineData("id", """{"id":"{65}","kind":"x"}""")]
    [InlineData("id", """{"id":"a\u0000b","kind":"x"}""")]
    [InlineData("title", """{"kind":"x","title":["t"]}""")]
    [InlineData("title", """{"kind":"x","title":"{201}"}""")]
    [InlineData("title", """{"kind":"x","title":"lone \ud800 surrogate"}""")]
    [InlineData("data", """{"kind":"x","data":[1]}""")]
    [InlineData("data", """{"kind":"x","data":"text"}""")]
    [InlineData("data", """{"kind":"x","data":{"deep":{"text":"\udc00"} } }""")]
    [InlineData("data", """{"kind":"x","data":{"key\ud83d":1} }""")]
    [InlineData("at", """{"kind":"x","at":1511425530}""")]
    [InlineData("at", """{"kind":"x","at":"yesterday"}""")]
    [InlineData("at", """{"kind":"x","at":"2026-11-23T08:15:30"}""")]
    [InlineData("at", """{"kind":"x","at":"2026-02-30T08:15:30Z"}""")]
    [InlineData("at", """{"kind":"x","at":"1969-12-31T23:59:59Z"}""")]
    [InlineData("at", """{"kind":"x","at":"{+25h}"}""")]
    [InlineData("location", """{"kind":"geo","location":"here"}""")]
    [InlineData("location.lat", """{"kind":"geo","location":{"lon":1} }""")]
    [InlineData("location.lon", """{"kind":"geo","location":{"lat":1} }""")]
    [InlineData("location.lat", """{"kind":"geo","location":{"lat":90.001,"lon":1} }""")]
    [InlineData("location.lat", """{"kind":"geo","location":{"lat":"1","lon":1} }""")]
    [InlineData("location.lon", """{"kind":"geo","location":{"lat":1,"lon":-180.5} }""")]
    [InlineData("location.lon", """{"kind":"geo","location":{"lat":1,"lon":1e999} }""")]
    [InlineData("location.accuracy", """{"kind":"geo","location":{"lat":1,"lon":1,"accuracy":-1} }""")]
    [InlineData("location.speed", """{"kind":"geo","location":{"lat":1,"lon":1,"speed":-1} }""")]
    [InlineData("location.heading", """{"kind":"geo","location":{"lat":1,"lon":1,"heading":361} }""")]
    [InlineData("colour", """{"kind":"x","colour":"blue"}""")]
    public async Task A_fault_is_named_by_its_index_and_its_path(string path, string update)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var written = update.Replace("{65}", new string('i', 65)).Replace("{201}", new string('t', 201))
            .Replace("{+25h}", TimeProvider.System.GetUtcNow().AddHours(25).ToString("O"));

        using var one = await scene.Phone.TryPostAsync(written);
        using var many = await scene.Phone.TryPostAsync($$"""[{"kind":"fine"},{{written}},{"kind":"fine"}]""");

        var ofOne = (await one.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateArray().ShouldHaveSingleItem();
        var ofMany = (await many.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateArray().ShouldHaveSingleItem();
        ofOne.GetProperty("path").GetString().ShouldStartWith(path);
        ofMany.GetProperty("path").GetString().ShouldStartWith(path);
        ofMany.GetProperty("index").GetInt32().ShouldBe(1);
        ofMany.GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
        (await IdsAsync(scene)).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task Every_fault_of_a_batch_is_named_and_nothing_of_it_is_taken(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var answer = await scene.Phone.TryPostAsync("""
            [{"id":"a","kind":"x"},{"kind":"BAD","at":"never"},{"id":"b","kind":"x"},{"kind":"geo","location":{"lat":91,"lon":181}}]
            """);

        var errors = (await answer.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateArray()
            .Select(error => (error.GetProperty("index").GetInt32(), error.GetProperty("path").GetString()));
        errors.ShouldBe([(1, "kind"), (1, "at"), (3, "location.lat"), (3, "location.lon")], ignoreOrder: true);
        (await IdsAsync(scene)).ShouldBeEmpty();
        (await scene.Phone.PostAsync("""{"kind":"x"}""")).Seq.ShouldBe(1);
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("{", "application/json")]
    [InlineData("{\"kind\":\"x\"", "application/json")]
    [InlineData("{\"kind\":\"x\",}", "application/json")]
    [InlineData("{\"kind\":\"x\"}{\"kind\":\"y\"}", "application/json")]
    [InlineData("[{\"kind\":\"x\"}", "application/json")]
    [InlineData("7", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("[7]", "application/json")]
    [InlineData("[null]", "application/json")]
    [InlineData("kind=x", "application/json")]
    [InlineData("{\"kind\":\"x\"}\n{\"kind\":", "application/x-ndjson")]
    [InlineData("[{\"kind\":\"x\"}]", "application/x-ndjson")]
    [InlineData("{\"kind\":\"x\",\"kind\":\"y\"}", "application/json")]
    public async Task Bad_JSON_is_a_problem_and_stores_nothing(string body, string mediaType)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Phone.TryPostAsync(body, mediaType);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
        (await IdsAsync(scene)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Invalid_UTF_8_is_a_problem()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        foreach (var bytes in new byte[][] { [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80] })
        {
            using var answer = await PostAsync(scene, [.. "{\"kind\":\"x\",\"title\":\""u8, .. bytes, .. "\"}"u8]);
            await answer.ProblemAsync(HttpStatusCode.BadRequest);
        }

        (await IdsAsync(scene)).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task A_gzip_that_was_cut_off_stores_nothing_of_it(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var lines = Encoding.UTF8.GetBytes(
            string.Join('\n', Enumerable.Range(0, 900).Select(i => $$"""{"id":"{{i * 7919}}","kind":"x"}""")));
        var whole = Compressed(lines, "gzip");

        foreach (var kept in new[] { whole.Length - 1, whole.Length - 8, whole.Length / 2, 5, 0 })
        {
            using var answer = await PostAsync(scene, whole[..kept], "application/x-ndjson", "gzip");
            await answer.ProblemAsync(HttpStatusCode.BadRequest);
        }

        using var noGzip = await PostAsync(scene, lines, "application/x-ndjson", "gzip");
        await noGzip.ProblemAsync(HttpStatusCode.BadRequest);
        (await IdsAsync(scene)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, "gzip")]
    [InlineData(true, "gzip")]
    public async Task A_body_of_2_MiB_is_too_large_with_a_length_in_chunks_and_once_decompressed(bool chunked, string? coding)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var body = Encoding.UTF8.GetBytes(
            $"[{string.Join(',', Enumerable.Repeat($$"""{"kind":"x","data":{"t":"{{new string('t', 8000)}}"} }""", 262))}]");
        body.Length.ShouldBeGreaterThan(2 * 1024 * 1024);
        var sent = coding is null ? body : Compressed(body, coding);
        var content = chunked ? Chunked(sent) : new ByteArrayContent(sent) { Headers = { ContentType = new("application/json") } };
        if (coding is not null)
        {
            content.Headers.ContentEncoding.Add(coding);
        }

        // If a client sends the whole body, its connection may be cut before it reads the answer; so this client asks first (Expect:
        // 100-continue).
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/feeds/{scene.Feed}/updates") { Content = content };
        request.Headers.ExpectContinue = coding is null;
        using var answer = await scene.Phone.Http.SendAsync(request, Cancel);

        await answer.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        (await IdsAsync(scene)).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_more_than_a_thousand_and_one_larger_than_64_KiB_are_too_large()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var large = $$"""{"kind":"x","data":{"text":"{{new string('d', 65_536)}}"} }""";

        using var array = await scene.Phone.TryPostAsync($"[{string.Join(',', Enumerable.Repeat("""{"kind":"x"}""", 1001))}]");
        using var lines = await scene.Phone.TryPostAsync(
            string.Join('\n', Enumerable.Repeat("""{"kind":"x"}""", 1001)), "application/x-ndjson");
        using var one = await scene.Phone.TryPostAsync(large);
        using var among = await scene.Phone.TryPostAsync($$"""[{"kind":"x"},{{large}}]""");

        await array.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        await lines.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        await one.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        var problem = await among.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        problem.GetProperty("errors").EnumerateArray().ShouldHaveSingleItem().GetProperty("index").GetInt32().ShouldBe(1);
        (await IdsAsync(scene)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/xml", null)]
    [InlineData("application/json", "zstd")]
    [InlineData("application/json", "compress")]
    public async Task Another_type_or_coding_is_415(string mediaType, string? coding)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await PostAsync(scene, """{"kind":"x"}"""u8.ToArray(), mediaType, coding);

        await answer.ProblemAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory, BothDatabases]
    public async Task Only_the_devices_own_key_writes(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var stranger = await Scene.SetAsync(scene.Hub);
        string?[] credentials =
        [
            null,
            Bearer("dk_wrong"),
            Bearer(stranger.Phone.Key),
            Bearer(scene.Grant.Key!),
            Bearer(scene.Owner.Token),
            Basic("wrong"),
            "Basic !!!",
            "Digest x",
            "Bearer",
        ];

        foreach (var credential in credentials)
        {
            (string, string)[] headers = credential is null ? [] : [("Authorization", credential)];
            using var answer = await scene.Hub.Http.SendAsync(
                HttpMethod.Post, $"/feeds/{scene.Feed}/updates",
                new StringContent("""{"kind":"x"}""", Encoding.UTF8, "application/json"), headers);
            await answer.ProblemAsync(HttpStatusCode.Unauthorized);
            answer.Headers.WwwAuthenticate.ShouldContain(challenge => challenge.Scheme == "Bearer", credential);
        }

        using var nowhere = await scene.Phone.Http.PostJsonAsync("/feeds/000000000000/updates", """{"kind":"x"}""");
        await nowhere.ProblemAsync(HttpStatusCode.Unauthorized);
        using var wrongAddress = await scene.Hub.Http.PostJsonAsync("/i/wrong", """{"kind":"x"}""");
        await wrongAddress.ProblemAsync(HttpStatusCode.Unauthorized);
        (await IdsAsync(scene)).ShouldBeEmpty();
    }
}
