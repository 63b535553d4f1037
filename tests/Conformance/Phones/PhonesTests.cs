using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>The requests that a phone may send, and the meaning of 2xx.</summary>
public sealed class PhonesTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task One_update_gets_201_its_number_and_its_address(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var answer = await scene.Phone.TryPostAsync("""
            {"id":"walk-1","kind":"geo","at":"2026-11-23T08:15:30-03:00","title":"home",
             "location":{"lat":-23.4,"lon":-50.3,"accuracy":12,"altitude":610,"speed":3.2,"heading":270},"data":{"any":"JSON object"}}
            """);

        var body = await answer.JsonAsync(HttpStatusCode.Created);
        body.GetProperty("seq").GetInt64().ShouldBe(1);
        body.GetProperty("id").GetString().ShouldBe("walk-1");
        var location = new Uri(scene.Hub.Http.BaseAddress!, answer.Headers.Location!);
        location.AbsolutePath.ShouldBe($"/feeds/{scene.Feed}/updates/1");
        // 2xx means that every reader with access can read the update at once.
        var native = await scene.Owner.Http.JsonAsync(location.AbsoluteUri);
        native.GetProperty("location").GetProperty("lat").GetDouble().ShouldBe(-23.4);
        native.GetProperty("location").GetProperty("heading").GetDouble().ShouldBe(270);
        DateTimeOffset.Parse(native.GetProperty("at").GetString()!)
            .ShouldBe(new DateTimeOffset(2026, 11, 23, 8, 15, 30, TimeSpan.FromHours(-3)));
        native.GetProperty("data").GetProperty("any").GetString().ShouldBe("JSON object");
    }

    [Theory, BothDatabases]
    public async Task Numbers_rise_by_one_from_one(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        var numbers = new List<long?>();
        for (var i = 0; i < 5; i++)
        {
            numbers.Add((await scene.Phone.PostAsync("""{"kind":"sensor"}""")).Seq);
        }

        numbers.ShouldBe([1, 2, 3, 4, 5]);
    }

    [Theory, BothDatabases]
    public async Task An_array_is_taken_in_its_order_and_counted(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var answer = await scene.Phone.TryPostAsync(
            """[{"id":"a","kind":"x"},{"id":"b","kind":"x"},{"id":"a","kind":"x"},{"kind":"x"}]""");

        var body = await answer.JsonAsync();
        (body.GetProperty("accepted").GetInt32(), body.GetProperty("duplicates").GetInt32(), body.GetProperty("lastSeq").GetInt64())
            .ShouldBe((3, 1, 3));
        (await IdsAsync(scene)).Skip(1).ShouldBe(["b", "a"]);
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"kind\":\"x\"}\n{\"id\":\"b\",\"kind\":\"x\"}\n")]
    [InlineData("{\"id\":\"a\",\"kind\":\"x\"}\r\n\r\n{\"id\":\"b\",\"kind\":\"x\"}")]
    public async Task NDJSON_is_one_update_a_line(string body)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Phone.TryPostAsync(body, "application/x-ndjson");

        (await answer.JsonAsync()).GetProperty("accepted").GetInt32().ShouldBe(2);
        (await IdsAsync(scene)).ShouldBe(["b", "a"]);
    }

    [Theory, BothDatabases]
    public async Task A_thousand_at_once_are_welcome(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var thousand = $"[{string.Join(',', Enumerable.Range(0, 1000).Select(i => $$"""{"id":"n{{i}}","kind":"x"}"""))}]";

        (await scene.Phone.PostAsync(thousand)).LastSeq.ShouldBe(1000);
        var again = await scene.Phone.PostAsync(thousand);

        (again.Accepted, again.Duplicates, again.LastSeq).ShouldBe((0, 1000, 1000));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_body_may_be_compressed(string coding)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var lines = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 500).Select(i => $$"""{"id":"n{{i}}","kind":"x"}""")));

        using var answer = await PostAsync(scene, Compressed(lines, coding), "application/x-ndjson", coding);

        (await answer.JsonAsync()).GetProperty("lastSeq").GetInt64().ShouldBe(500);
    }

    [Theory, BothDatabases]
    public async Task A_repeated_id_is_answered_with_the_first_ones_number(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("a", "b");

        using var again = await scene.Phone.TryPostAsync("""{"id":"a","kind":"other","title":"changed"}""");

        var answer = await again.JsonAsync(HttpStatusCode.OK);
        answer.GetRawText().ShouldBe("""{"accepted":0,"duplicates":1,"lastSeq":1,"seq":1,"id":"a"}""");
        (await scene.Owner.Http.JsonAsync($"/feeds/{scene.Feed}/updates/1")).GetProperty("kind").GetString().ShouldBe("battery");
        (await IdsAsync(scene)).ShouldBe(["b", "a"]);
    }

    // A phone restored from a backup starts counting again; a retry uses the same id on purpose.
    [Theory, BothDatabases]
    public async Task The_owner_is_told_of_another_update_under_a_known_id_and_of_a_repeat_nothing(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        const string First =
            """{"id":"c1","kind":"geo","at":"2026-11-23T08:15:30-03:00","location":{"lat":1,"lon":1},"data":{"b":1,"a":2}}""";
        var other = First.Replace("\"lat\":1", "\"lat\":5", StringComparison.Ordinal);
        await scene.Phone.PostAsync(First);
        foreach (var again in new[] { First, $"[{First}]" })
        {
            (await scene.Phone.PostAsync(again)).Duplicates.ShouldBe(1);
        }

        using (var repeat = await scene.Hub.Http.PostJsonAsync(scene.Phone.IngestUrl + "/native", First))
        {
            (await repeat.JsonAsync()).GetProperty("seq").GetInt64().ShouldBe(1);
        }

        await Eventually.ShouldAsync(async () => (await DeviceAsync(scene)).GetProperty("lastSeen").ValueKind != JsonValueKind.Null);
        (await DeviceAsync(scene)).GetProperty("lastError").ValueKind.ShouldBe(JsonValueKind.Null);

        foreach (var send in new Func<Task<HttpResponseMessage>>[]
        {
            () => scene.Phone.TryPostAsync(other), () => scene.Phone.TryPostAsync($"[{other}]"),
            () => scene.Hub.Http.PostJsonAsync(scene.Phone.IngestUrl + "/native", other),
        })
        {
            var told = await ErrorAtAsync(scene);
            using var answer = await send();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            await Eventually.ShouldAsync(async () => await ErrorAtAsync(scene) != told);
            (await DeviceAsync(scene)).GetProperty("lastError").GetString()!.ShouldContain("its id");
        }

        static Task<JsonElement> DeviceAsync(Scene scene) => scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}");
        static async Task<string?> ErrorAtAsync(Scene scene) => (await DeviceAsync(scene)).GetProperty("lastErrorAt").ToString();
    }

    [Theory, BothDatabases]
    public async Task Two_writers_with_the_same_ids_store_each_once(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var batch = $"[{string.Join(',', Enumerable.Range(0, 50).Select(i => $$"""{"id":"n{{i}}","kind":"x"}"""))}]";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => scene.Phone.PostAsync(batch)));

        answers.Sum(answer => answer.Accepted).ShouldBe(50);
        answers.ShouldAllBe(answer => answer.LastSeq == 50 && answer.Accepted + answer.Duplicates == 50);
    }

    [Fact]
    public async Task The_same_id_in_another_feed_is_another_update()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var other = await scene.Owner.AddDeviceAsync("second");

        (await scene.Phone.PostAsync("""{"id":"a","kind":"x"}""")).Seq.ShouldBe(1);
        (await other.PostAsync("""{"id":"a","kind":"x"}""")).Seq.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task Without_at_it_was_now(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);

        await scene.Phone.PostAsync("""{"kind":"x"}""");

        var native = await scene.Owner.Http.JsonAsync($"/feeds/{scene.Feed}/updates/1");
        DateTimeOffset.Parse(native.GetProperty("at").GetString()!).ShouldBeInRange(before, TimeProvider.System.GetUtcNow().AddSeconds(1));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("2017-07-24T22:12:52.354000-03:00")]
    [InlineData("2024-02-29T23:59:59+14:00")]
    [InlineData("+23h")]
    public async Task A_phone_may_have_seen_it_long_ago_or_have_a_clock_that_is_ahead(string at)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var written = at == "+23h" ? TimeProvider.System.GetUtcNow().AddHours(23).ToString("O") : at;

        await scene.Phone.PostAsync($$"""{"kind":"x","at":"{{written}}"}""");

        var native = await scene.Owner.Http.JsonAsync($"/feeds/{scene.Feed}/updates/1");
        (DateTimeOffset.Parse(native.GetProperty("at").GetString()!) - DateTimeOffset.Parse(written)).Duration()
            .ShouldBeLessThan(TimeSpan.FromMicroseconds(1));
    }

    [Theory]
    [InlineData("geo")]
    [InlineData("x")]
    [InlineData("my.own-kind_2")]
    [InlineData("abcdefghijklmnopqrstuvwxyz012345")]
    public async Task Any_kind_that_is_spelled_right_is_taken(string kind)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        (await scene.Phone.PostAsync($$"""{"kind":"{{kind}}"}""")).Seq.ShouldBe(1);

        (await IdsAsync(scene, "?kind=" + kind)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_limits_themselves_are_within()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var id = new string('i', 64);
        var title = new string('é', 200);

        await scene.Phone.PostAsync(
            $$"""{"id":"{{id}}","kind":"x","title":"{{title}}","location":{"lat":90,"lon":-180,"heading":360,"accuracy":0,"speed":0} }""");
        await scene.Phone.PostAsync($$"""{"kind":"x","data":{"text":"{{new string('d', 65_000)}}"} }""");

        (await scene.Owner.Http.JsonAsync($"/feeds/{scene.Feed}/updates/1")).GetProperty("title").GetString().ShouldBe(title);
    }

    [Fact]
    public async Task Null_is_as_good_as_absent()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        (await scene.Phone.PostAsync("""{"id":null,"kind":"x","at":null,"title":null,"location":null,"data":null}""")).Seq.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task The_ingest_address_needs_no_header(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var answer = await scene.Hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, """{"id":"a","kind":"x"}""");

        (await answer.JsonAsync(HttpStatusCode.Created)).GetProperty("seq").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task The_device_key_may_come_as_the_password_of_Basic()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.SendAsync(
            HttpMethod.Post, $"/feeds/{scene.Feed}/updates", Chunked("""{"kind":"x"}"""u8.ToArray()),
            ("Authorization", Basic(scene.Phone.Key)));

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    internal static async Task<IReadOnlyList<string?>> IdsAsync(Scene scene, string query = "") =>
        Delivered.PhoneIds(await scene.Owner.Http.GetStringAsync($"/feeds/{scene.Feed}.json{query}", Cancel));

    internal static Task<HttpResponseMessage> PostAsync(
        Scene scene, byte[] body, string mediaType = "application/json", string? coding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(mediaType);
        if (coding is not null)
        {
            content.Headers.ContentEncoding.Add(coding);
        }

        return scene.Phone.Http.SendAsync(HttpMethod.Post, $"/feeds/{scene.Feed}/updates", content);
    }

    internal static byte[] Compressed(byte[] body, string coding)
    {
        using var target = new MemoryStream();
        using (Stream stream = coding == "gzip"
            ? new GZipStream(target, CompressionLevel.Fastest) : new BrotliStream(target, CompressionLevel.Fastest))
        {
            stream.Write(body);
        }

        return target.ToArray();
    }
}
