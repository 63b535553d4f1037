using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>
/// An acknowledged message is in the feed, or completely among the rejected messages. A message too large for both is answered with 413 in
/// the app's own form, and no part of it is stored.
/// </summary>
public sealed class LargeMessageTests(SharedHubs hubs)
{
    private const int Bound = 8 * 1024 * 1024;

    [Theory, BothDatabases]
    public async Task A_body_over_the_bound_is_never_acknowledged_however_it_is_packed(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var body = Batch(features: 40_000);
        body.Length.ShouldBeGreaterThan(Bound);

        foreach (var content in new[] { Content(body), Http.Chunked(body), Content(Packed(body, "gzip"), "gzip"),
            Content(Packed(body, "br"), "br"), Chunked(Packed(body, "deflate"), "deflate") })
        {
            using var answer = await scene.Hub.Http.PostAsync(Address(scene) + "/overland", content, Cancel);

            var said = await answer.JsonAsync(HttpStatusCode.RequestEntityTooLarge);
            said.TryGetProperty("result", out _).ShouldBeFalse();
            said.GetProperty("error").GetString()!.ShouldContain("8 MiB");
        }

        (await UpdatesAsync(scene)).ShouldBeEmpty();
        (await RejectedAsync(scene)).ShouldBeEmpty();
        await ToldAsync(scene, "8 MiB");
    }

    [Theory, BothDatabases]
    public async Task A_batch_of_a_month_within_the_bound_is_in_the_feed(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var body = Batch(features: 5_000);
        body.Length.ShouldBeGreaterThan(1024 * 1024);

        using var answer = await scene.Hub.Http.PostAsync(Address(scene) + "/overland", Content(Packed(body, "gzip"), "gzip"), Cancel);

        (await answer.JsonAsync()).GetProperty("result").GetString().ShouldBe("ok");
        (await HeadAsync(scene)).ShouldBe(5_000);
    }

    public static TheoryData<string, string, string> MoreThanIsRead => new()
    {
        { "plain", "application/json", $"[{Many("{}", 10_001)}]" },
        { "plain", "application/json", $"[{Many("{\"lat\":1,\"lon\":2}", 10_001)}]" },
        { "plain", "text/plain", Many("{\"lat\":1,\"lon\":2}", 10_001, '\n') },
        { "plain", "application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 10_001).Select(n => $"n{n}=1")) },
        { "plain", "application/json", $"{{\"lat\":1,\"lon\":2,\"x\":[{Many("[" + Many("1", 9_000) + "]", 60)}]}}" },
        { "native", "application/json", $"[{Many("{\"kind\":\"x\"}", 10_001)}]" },
        { "native", "application/x-ndjson", Many("{\"kind\":\"x\"}", 10_001, '\n') },
        { "cloudevents", "application/cloudevents-batch+json", $"[{Many("{\"specversion\":\"1.0\"}", 10_001)}]" },
        { "overland", "application/json", $"{{\"locations\":[{Many("{}", 10_001)}]}}" },
        { "owntracks", "application/json", $"[{Many("{\"_type\":\"lwt\"}", 10_001)}]" },
        { "sensorlogger", "application/json", $"{{\"messageId\":1,\"sessionId\":\"s\",\"payload\":[{Many("{}", 10_001)}]}}" },
        { "phyphox", "application/json", $"{{\"time\":{{\"now\":1,\"events\":[]}},\"x\":[{Many("1", 10_001)}]}}" },
        { "homeassistant", "application/json", $"{{\"type\":\"update_sensor_states\",\"data\":[{Many("{}", 10_001)}]}}" },
        { "traccar", "application/json", $"[{Many("{\"id\":1,\"timestamp\":1,\"lat\":1}", 10_001)}]" },
        { "gpslogger", "application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 10_001).Select(n => $"n{n}=1")) },
    };

    [Theory, MemberData(nameof(MoreThanIsRead))]
    public async Task A_message_of_more_elements_than_are_read_is_never_acknowledged_nor_stored_in_part(
        string format, string type, string body)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var content = Content(Packed(Encoding.UTF8.GetBytes(body), "gzip"), "gzip");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        using var answer = await scene.Hub.Http.PostAsync($"{Address(scene)}/{format}", content, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await answer.TextAsync()).ShouldContain("is more than is read of one message");
        (await UpdatesAsync(scene)).ShouldBeEmpty();
        (await RejectedAsync(scene)).ShouldBeEmpty();
    }

    public static TheoryData<string, string, string> MostlyWrong => new()
    {
        { "plain", "application/json", $"[{{\"lat\":1,\"lon\":2}},{Many("{}", 60)}]" },
        { "plain", "text/plain", Many("{\"a\":}", 60, '\n') },
        { "native", "application/json", $"[{Many("{}", 60)}]" },
        { "native", "application/x-ndjson", Many("{}", 60, '\n') },
        { "cloudevents", "application/cloudevents-batch+json", $"[{Many("{}", 60)}]" },
        { "overland", "application/json", $"{{\"locations\":[{Many("{}", 60)}]}}" },
        { "owntracks", "application/json", $"[{Many("{}", 60)}]" },
        { "sensorlogger", "application/json", $"{{\"messageId\":1,\"sessionId\":\"s\",\"payload\":[{Many("{}", 60)}]}}" },
        { "homeassistant", "application/json", $"{{\"type\":\"update_sensor_states\",\"data\":[{Many("{}", 60)}]}}" },
        { "traccar", "application/json", $"[{{\"id\":1,\"timestamp\":1,\"lat\":100}},{Many("7", 60)}]" },
        { "traccar", "application/json", $"{{\"device_id\":1,\"location\":[{Many("7", 60)}]}}" },
    };

    [Theory, MemberData(nameof(MostlyWrong))]
    public async Task A_message_that_is_mostly_wrong_is_kept_whole_and_nothing_of_it_is_stored(string format, string type, string body)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var content = Content(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        using var answer = await scene.Hub.Http.PostAsync($"{Address(scene)}/{format}", content, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await UpdatesAsync(scene)).ShouldBeEmpty();
        var kept = (await RejectedAsync(scene)).ShouldHaveSingleItem();
        kept.GetProperty("body").GetString().ShouldBe(body);
        kept.GetProperty("isWhole").GetBoolean().ShouldBeTrue();
        kept.GetProperty("reason").GetString()!.ShouldContain("Nothing of it was stored");
    }

    [Theory, BothDatabases]
    public async Task What_is_right_of_a_batch_with_many_faults_is_stored_and_the_batch_is_kept_whole(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        // Three valid items to one invalid item.
        var items = Enumerable.Range(0, 240).Select(n => $"{{\"lat\":{(n % 4 == 3 ? 91 : 1)},\"lon\":2,\"at\":{1_790_000_000 + n}}}");

        using var answer = await scene.Hub.Http.PostAsync(
            Address(scene) + "/plain", Content(Encoding.UTF8.GetBytes($"[{string.Join(',', items)}]")), Cancel);

        (await answer.JsonAsync()).GetProperty("accepted").GetInt32().ShouldBe(180);
        var kept = (await RejectedAsync(scene)).ShouldHaveSingleItem();
        kept.GetProperty("isWhole").GetBoolean().ShouldBeTrue();
        kept.GetProperty("reason").GetString()!.ShouldStartWith("60 parts cannot be read");
    }

    [Theory, BothDatabases]
    public async Task What_can_neither_be_read_nor_be_kept_whole_is_not_acknowledged(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var words = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("no words of an app ", 20_000)));

        using var large = await scene.Hub.Http.PostAsync(Address(scene), Content(words), Cancel);
        using var small = await scene.Hub.Http.PostAsync(Address(scene), Content(words[..200_000]), Cancel);

        await large.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        small.StatusCode.ShouldBe(HttpStatusCode.OK);
        var kept = (await RejectedAsync(scene)).ShouldHaveSingleItem();
        kept.GetProperty("length").GetInt32().ShouldBe(200_000);
        kept.GetProperty("isWhole").GetBoolean().ShouldBeTrue();
    }

    [Theory, BothDatabases]
    public async Task A_body_that_cannot_be_unpacked_is_kept_as_it_came(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var cut = Packed(Batch(features: 10), "gzip")[..^9];

        foreach (var coding in new[] { "gzip", "zstd" })
        {
            using var answer = await scene.Hub.Http.PostAsync(Address(scene) + "/overland", Content(cut, coding), Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var kept = await RejectedAsync(scene);
        kept.Count.ShouldBe(2);
        foreach (var row in kept)
        {
            row.GetProperty("length").GetInt32().ShouldBe(cut.Length);
            row.GetProperty("isWhole").GetBoolean().ShouldBeTrue();
            row.GetProperty("reason").GetString()!.ShouldContain("Content-Encoding");
        }
    }

    [Fact]
    public async Task An_app_that_calls_itself_by_its_name_is_answered_in_its_form_where_nothing_can_be_seen_of_its_message()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var empty = await SendAsync("OwnTracks/17.2 iOS", []);
        using var large = await SendAsync("Overland/1.0", Batch(features: 40_000));

        (await empty.TextAsync()).ShouldBe("[]");
        (await large.JsonAsync(HttpStatusCode.RequestEntityTooLarge)).TryGetProperty("error", out _).ShouldBeTrue();

        async Task<HttpResponseMessage> SendAsync(string app, byte[] body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Address(scene)) { Content = Content(body) };
            request.Headers.TryAddWithoutValidation("User-Agent", app);
            return await scene.Hub.Http.SendAsync(request, Cancel);
        }
    }

    private static byte[] Batch(int features) =>
        Encoding.UTF8.GetBytes($"{{\"locations\":[{string.Join(',', Enumerable.Range(0, features).Select(n =>
        $"{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[10,50]}},\"properties\":{{\"timestamp\":{1_790_000_000 + n},\"x\":\"{new string('y', 160)}\"}}}}"))}]}}");

    private static string Many(string item, int times, char between = ',') => string.Join(between, Enumerable.Repeat(item, times));

    private static byte[] Packed(byte[] body, string coding)
    {
        using var packed = new MemoryStream();
        using (Stream packing = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            _ => new ZLibStream(packed, CompressionLevel.Fastest),
        })
        {
            packing.Write(body);
        }

        return packed.ToArray();
    }

    private static ByteArrayContent Content(byte[] body, string? coding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (coding is not null)
        {
            content.Headers.ContentEncoding.Add(coding);
        }

        return content;
    }

    private static HttpContent Chunked(byte[] body, string coding)
    {
        var content = Http.Chunked(body);
        content.Headers.ContentEncoding.Add(coding);
        return content;
    }

    private static string Address(Scene scene) => new Uri(scene.Phone.IngestUrl!).AbsolutePath;

    private static async Task<long> HeadAsync(Scene scene) =>
        (await scene.Hub.Http.JsonAsync(scene.Keyed("json"))).GetProperty("items")[0].GetProperty("_update").GetProperty("seq").GetInt64();

    private static async Task ToldAsync(Scene scene, string word) => await Eventually.ShouldAsync(
        async () =>
            (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}")).GetProperty("lastError")
                .GetString()?.Contains(word, StringComparison.Ordinal) is true);

    private static async Task<IReadOnlyList<JsonElement>> RejectedAsync(Scene scene) =>
        [.. (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}/rejected")).GetProperty("items").EnumerateArray()];

    private static async Task<IReadOnlyList<JsonElement>> UpdatesAsync(Scene scene) =>
        [.. (await scene.Hub.Http.JsonAsync(scene.Keyed("json"))).GetProperty("items").EnumerateArray()];
}
