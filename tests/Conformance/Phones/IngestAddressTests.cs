using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>
/// The ingest address that is pasted into an app: a sender with its key is always answered, for any content of the message.
/// </summary>
public sealed class IngestAddressTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task What_is_right_of_a_batch_is_stored_and_what_is_not_is_kept_with_the_reason(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var answer = await SendAsync(scene, "", """[{"kind":"x","id":"a"},{"kind":"Not A Kind"},{"kind":"x","id":"b"}]""");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var said = await answer.JsonAsync();
        said.GetProperty("accepted").GetInt32().ShouldBe(2);
        said.GetProperty("rejected").EnumerateArray().ShouldHaveSingleItem().GetString()!.ShouldContain("is no kind");
        var kept = await RejectedAsync(scene);
        kept.GetProperty("body").GetString().ShouldBe("""{"kind":"Not A Kind"}""");
        kept.GetProperty("format").GetString().ShouldBe("native");
        kept.GetProperty("reason").GetString()!.ShouldContain("is no kind");
    }

    [Theory, BothDatabases]
    public async Task What_was_rejected_is_read_again_and_then_gone(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        (await SendAsync(scene, "/plain", """{"lat":48.85,"lon":2.29,"at":"2090-01-01T00:00:00Z"}""")).Dispose();
        var kept = await RejectedAsync(scene);
        kept.GetProperty("reason").GetString()!.ShouldContain("out of range");

        var path = $"/api/devices/{scene.Phone.Id}/rejected/{kept.GetProperty("id").GetString()}";
        using var replay = await scene.Owner.Http.PostAsync(path + "/replay", null, Cancel);

        var outcome = await replay.JsonAsync();
        outcome.GetProperty("done").GetBoolean().ShouldBeFalse();
        outcome.GetProperty("reason").GetString()!.ShouldContain("out of range");
        using var removed = await scene.Owner.Http.DeleteAsync(path, Cancel);
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await RejectedListAsync(scene)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Each_message_is_acknowledged_whatever_is_in_it_and_nothing_is_lost_without_a_trace()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        string[] bodies = ["nonsense", "{", "[1,2]", "{\"lat\":91,\"lon\":0}", "\u0000\u0001", "<xml/>"];

        foreach (var body in bodies)
        {
            using var answer = await SendAsync(scene, "", body);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        }

        // In an array, each item is rejected separately.
        (await RejectedListAsync(scene)).GetArrayLength().ShouldBe(bodies.Length + 1);
    }

    [Fact]
    public async Task An_empty_message_is_acknowledged_and_stores_nothing()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await SendAsync(scene, "", "");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await RejectedListAsync(scene)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_body_without_a_content_type_or_with_an_odd_one_is_read_all_the_same()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        foreach (var type in (string?[])[null, "application/json; utf-8", "text/plain", "application/octet-stream"])
        {
            var content = new ByteArrayContent("""{"lat":"48,85","lon":2.29,"batt":"81%"}"""u8.ToArray());
            if (type is not null)
            {
                content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            using var answer = await scene.Hub.Http.PostAsync(Address(scene), content, Cancel);
            answer.IsSuccessStatusCode.ShouldBeTrue(type);
        }

        var updates = await UpdatesAsync(scene);
        updates.Count(update => update.GetProperty("kind").GetString() == "geo").ShouldBe(4);
        updates.ShouldContain(
            update =>
                update.GetProperty("kind").GetString() == "battery" && update.GetProperty("data").GetProperty("level").GetDouble() == 81);
    }

    [Fact]
    public async Task A_query_alone_is_a_message_and_a_key_in_it_is_kept_nowhere()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var good = await scene.Hub.Http.GetAsync($"{Address(scene)}/plain?loc=48.85,2.29&speed_kmh=36&api_key=dk_secret", Cancel);
        using var bad = await scene.Hub.Http.GetAsync($"{Address(scene)}/plain?lat=100&lon=0&api_key=dk_secret", Cancel);

        good.IsSuccessStatusCode.ShouldBeTrue();
        var geo = (await UpdatesAsync(scene)).ShouldHaveSingleItem();
        geo.GetProperty("location").GetProperty("speed").GetDouble().ShouldBe(10, 1e-9);
        geo.GetRawText().ShouldNotContain("dk_secret");
        (await RejectedAsync(scene)).GetRawText().ShouldNotContain("dk_secret");
    }

    [Fact]
    public async Task A_person_who_opens_it_is_told_what_it_is()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.Http.SendAsync(
            HttpMethod.Get, Address(scene), null, ("Accept", "text/html,application/xhtml+xml"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("ingest address");
    }

    [Fact]
    public async Task A_format_that_there_is_not_is_named_with_those_that_there_are()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await SendAsync(scene, "/owntrack", "{}");

        (await answer.ProblemAsync(HttpStatusCode.NotFound)).GetProperty("detail").GetString()!.ShouldContain("plain");
    }

    [Theory, BothDatabases]
    public async Task Its_owner_sees_when_the_phone_was_last_heard_of_and_what_went_wrong_last(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(scene)) { Content = new StringContent("nonsense") };
        request.Headers.UserAgent.ParseAdd("Walker/1.0");
        (await scene.Hub.Http.SendAsync(request, Cancel)).Dispose();

        var seen = default(JsonElement);
        await Eventually.ShouldAsync(
            async () =>
            {
                seen = await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}");
                return seen.GetProperty("lastSeen").ValueKind == JsonValueKind.String;
            });

        seen.GetProperty("app").GetString().ShouldBe("Walker/1.0");
        seen.GetProperty("format").GetString().ShouldBe("plain");
        seen.GetProperty("lastError").GetString()!.ShouldContain("neither JSON nor a form");
        seen.GetProperty("ingestUrl").GetString().ShouldBe(scene.Phone.IngestUrl);
    }

    [Theory, BothDatabases]
    public async Task Of_what_its_apps_send_only_the_kinds_are_taken_that_the_owner_has_named(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var change = await scene.Owner.Http.PatchAsync(
            $"/api/devices/{scene.Phone.Id}", new StringContent("""{"kinds":["battery"]}""", Encoding.UTF8, "application/json"), Cancel);
        change.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await SendAsync(scene, "", """{"lat":48.85,"lon":2.29,"batt":81}""")).Dispose();

        (await UpdatesAsync(scene)).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("battery");
    }

    [Theory, BothDatabases]
    public async Task What_the_owner_sets_holds_for_the_very_next_message(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        (await SendAsync(scene, "", """{"lat":48.85,"lon":2.29,"batt":81,"at":1790000000}""")).Dispose();
        using var change = await scene.Owner.Http.PatchAsync(
            $"/api/devices/{scene.Phone.Id}", new StringContent("""{"kinds":["battery"]}""", Encoding.UTF8, "application/json"), Cancel);

        (await SendAsync(scene, "", """{"lat":48.85,"lon":2.29,"batt":80,"at":1790000400}""")).Dispose();

        (await UpdatesAsync(scene)).Select(update => update.GetProperty("kind").GetString()).Order()
            .ShouldBe(["battery", "battery", "geo"]);
    }

    [Theory, BothDatabases]
    public async Task A_battery_that_cannot_be_one_is_left_out_and_told_and_the_place_stays(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        foreach (var (format, body) in new[]
        {
            ("plain", """{"lat":1,"lon":2,"batt":101}"""),
            ("owntracks", """{"_type":"location","lat":1,"lon":2,"batt":-1}"""),
            ("traccar", """{"id":"1","lat":1,"lon":2,"batt":101}"""),
            ("gpslogger", """{"lat":1,"lon":2,"batt":-1}"""),
            ("homeassistant", """{"type":"update_location","data":{"gps":[1,2],"battery":101}}"""),
            ("overland", """{"locations":[{"geometry":{"coordinates":[2,1]},"properties":{"timestamp":"2026-11-28T10:00:00Z","battery_level":-1}}]}"""),
        })
        {
            var phone = await scene.Owner.AddDeviceAsync();
            using var answer = await scene.Hub.Http.PostAsync(
                $"{new Uri(phone.IngestUrl!).AbsolutePath}/{format}", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
            answer.IsSuccessStatusCode.ShouldBeTrue(format);

            var stored = (await scene.Owner.Http.JsonAsync($"/feeds/{phone.Feed}.json")).GetProperty("items").EnumerateArray()
                .ShouldHaveSingleItem(format);
            stored.GetProperty("_update").GetProperty("kind").GetString().ShouldBe("geo");
            await Eventually.ShouldAsync(
                async () =>
                    (await scene.Owner.Http.JsonAsync($"/api/devices/{phone.Id}")).GetProperty("lastError")
                        .GetString()?.StartsWith("A battery of ", StringComparison.Ordinal) is true);
        }
    }

    [Fact]
    public async Task Fixes_of_a_receiver_whose_weeks_began_anew_are_stored_and_its_owner_is_told()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        (await SendAsync(
            scene, "/plain", $$"""{"lat":1,"lon":2,"at":{{TimeProvider.System.GetUtcNow().AddDays(-7 * 1024).ToUnixTimeSeconds()}}}"""))
                .EnsureSuccessStatusCode().Dispose();

        (await UpdatesAsync(scene)).Count.ShouldBe(1);
        await Eventually.ShouldAsync(
            async () =>
                (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}")).GetProperty("lastError")
                    .GetString()?.Contains("1,024 weeks", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task A_header_of_an_event_that_is_no_UTF8_is_no_reason_to_refuse_it()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var address = new Uri(scene.Phone.IngestUrl!);
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, Cancel);
        var stream = connection.GetStream();

        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"POST {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\nce-specversion: 1.0\r\nce-id: "
            + "1\r\nce-source: /s\r\nce-type: t\r\nce-myext: \u00e4\u00f6\r\nContent-Length: 0\r\n\r\n"), Cancel);

        using var answer = new StreamReader(stream, Encoding.Latin1);
        (await answer.ReadToEndAsync(Cancel)).ShouldStartWith("HTTP/1.1 204 ");
        (await UpdatesAsync(scene)).ShouldHaveSingleItem();
    }

    private static string Address(Scene scene) => new Uri(scene.Phone.IngestUrl!).AbsolutePath;

    private static Task<HttpResponseMessage> SendAsync(Scene scene, string format, string body) =>
        scene.Hub.Http.PostAsync(Address(scene) + format, new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

    private static async Task<JsonElement> RejectedAsync(Scene scene) =>
        (await RejectedListAsync(scene)).EnumerateArray().ShouldHaveSingleItem();

    private static async Task<JsonElement> RejectedListAsync(Scene scene)
    {
        using var answer = await scene.Owner.Http.GetAsync($"/api/devices/{scene.Phone.Id}/rejected", Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.JsonAsync()).GetProperty("items").Clone();
    }

    private static async Task<List<JsonElement>> UpdatesAsync(Scene scene)
    {
        using var answer = await scene.Hub.Http.GetAsync(scene.Keyed("json"), Cancel);
        return [.. (await answer.JsonAsync()).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update").Clone())];
    }
}
