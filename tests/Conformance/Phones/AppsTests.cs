using System.Net;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>
/// An app's messages become updates in the common form, the answer is the one that the app expects, and a repeat is stored once.
/// </summary>
public sealed class AppsTests(SharedHubs hubs)
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json";

    /// <summary>The detected format, the rest of the URL, the content type, the body, and the expected result.</summary>
    public static TheoryData<Database, string, string, string?, string, int, string, string[]> Messages()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60;
        var iso = DateTimeOffset.FromUnixTimeSeconds(now).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        (string, string, string?, string, int, string, string[])[] all =
        [
            ("traccar", $"?id=7&timestamp={now}&lat=52.5163&lon=13.3777&speed=10&batt=64", null, "", 200, "", ["battery", "geo"]),
            ("traccar", "", Form, $"id=7&timestamp={now}&lat=52.5163&lon=13.3777&alarm=sos", 200, "", ["geo"]),
            (
                "traccar", "", Json,
                $$"""{"location":{"timestamp":"{{iso}}","coords":{"latitude":52.5,"longitude":13.3,"speed":-1},"battery":{"level":0.5} },"device_id":"7"}""", 200, "", ["battery", "geo"]),
            ("traccar", "", Form, "id=7&notificationToken=abc", 200, "", []),
            (
                "gpslogger", "", null, $"lat=40.4&lon=-3.7&prov=gps&spd=2&timestamp={now}&batt=87.0&ischarging=false&desc=", 200, "",
                ["battery", "geo"]),
            (
                "sensorlogger", "", Json,
                $$"""{"messageId":1,"sessionId":"s","deviceId":"d","payload":[{"name":"location","time":{{now}}123456789,"values":{"latitude":1,"longitude":2} },{"name":"gyroscope","time":{{now}}000000000,"values":{"x":1} }]}""", 200, "", ["geo", "sensor"]),
            (
                "cloudevents", "", "application/cloudevents+json",
                $$"""{"specversion":"1.0","id":"1","source":"s","type":"x.location","time":"{{iso}}","data":{"lat":1,"lon":2} }""", 204, "",
                ["geo"]),
            (
                "phyphox", "", "application/json; utf-8", $$"""{"accX":[1,2,null],"time":{"now":{{now}}.5,"events":[]} }""", 200, "{}",
                ["sensor"]),
        ];
        var data = new TheoryData<Database, string, string, string?, string, int, string, string[]>();
        foreach (var (format, query, type, body, status, answer, kinds) in all)
        {
            data.Add(Database.Sqlite, format, query, type, body, status, answer, kinds);
            data.Add(Database.Postgres, format, query, type, body, status, answer, kinds);
        }

        return data;
    }

    [Theory, MemberData(nameof(Messages))]
    public async Task A_message_is_known_by_itself_answered_as_its_app_expects_and_stored_once_however_often_it_comes(
        Database database, string format, string query, string? type, string body, int status, string answer, string[] kinds)
    {
        var scene = await Scene.SetAsync(hubs, database);

        foreach (var address in (string[])["", $"/{format}", ""])
        {
            using var response = await SendAsync(scene, address + query, type, body);
            ((int)response.StatusCode).ShouldBe(status);
            (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(answer);
        }

        (await UpdatesAsync(scene)).Select(update => update.GetProperty("kind").GetString()).Order().ShouldBe(kinds);
        (await RejectedAsync(scene)).ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task A_binary_event_is_read_from_its_headers(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, Address(scene))
            { Content = new StringContent("""{"level":47}""", Encoding.UTF8, Json) };
            request.Headers.Add("ce-specversion", "1.0");
            request.Headers.Add("ce-id", "caf%C3%A9");
            request.Headers.Add("ce-source", "/phone");
            request.Headers.Add("ce-type", "org.example.battery");
            using var response = await scene.Hub.Http.SendAsync(request, Cancel);
            response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        var update = (await UpdatesAsync(scene)).ShouldHaveSingleItem();
        update.GetProperty("kind").GetString().ShouldBe("battery");
        update.GetProperty("data").GetProperty("level").GetInt32().ShouldBe(47);
    }

    [Theory, BothDatabases]
    public async Task A_sensor_that_the_owner_does_not_want_is_answered_as_disabled_and_not_stored(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var change = await scene.Owner.Http.PatchAsync(
            $"/api/devices/{scene.Phone.Id}", new StringContent("""{"kinds":["battery"]}""", Encoding.UTF8, Json), Cancel);
        change.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var response = await SendAsync(
            scene, "", Json,
            """{"type":"update_sensor_states","data":[{"unique_id":"battery_level","state":81},{"unique_id":"steps","state":3}]}""");

        var said = await response.JsonAsync();
        said.GetProperty("battery_level").TryGetProperty("is_disabled", out _).ShouldBeFalse();
        said.GetProperty("steps").GetProperty("is_disabled").GetBoolean().ShouldBeTrue();
        (await UpdatesAsync(scene)).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("battery");
    }

    private static string Address(Scene scene) => new Uri(scene.Phone.IngestUrl!).AbsolutePath;

    private static Task<HttpResponseMessage> SendAsync(Scene scene, string rest, string? type, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return scene.Hub.Http.PostAsync(Address(scene) + rest, content, Cancel);
    }

    private static async Task<int> RejectedAsync(Scene scene) =>
        (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}/rejected")).GetProperty("items").GetArrayLength();

    private static async Task<List<JsonElement>> UpdatesAsync(Scene scene)
    {
        using var answer = await scene.Hub.Http.GetAsync(scene.Keyed("json"), Cancel);
        return [.. (await answer.JsonAsync()).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update").Clone())];
    }
}
