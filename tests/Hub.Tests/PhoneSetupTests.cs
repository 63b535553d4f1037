using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Web;
using System.Xml.Linq;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>What an owner is told of how an app is set up on a phone: it is right as it stands, and it is a secret.</summary>
public sealed class PhoneSetupTests : IAsyncLifetime
{
    private Scene? _scene;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Scene Scene => _scene!;

    public async ValueTask InitializeAsync() => _scene = await Scene.SetAsync(Database.Sqlite);

    public async ValueTask DisposeAsync() => await _scene!.DisposeAsync();

    [Fact]
    public async Task The_list_names_each_app_and_holds_no_key()
    {
        using var answer = await Scene.Owner.Http.GetAsync(Path(), Cancel);

        var text = await answer.Content.ReadAsStringAsync(Cancel);
        JsonDocument.Parse(text).RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("app").GetString())
            .ShouldBe(
            ["owntracks", "overland", "traccar", "osmand", "colota", "gpslogger", "sensorlogger", "phyphox", "homeassistant", "tasker",
                "shortcuts", "curl"]);
        text.ShouldNotContain("ik_");
    }

    [Fact]
    public async Task Each_app_has_an_address_steps_and_a_picture_and_is_in_no_cache()
    {
        foreach (var app in await AppsAsync())
        {
            using var answer = await Scene.Owner.Http.GetAsync(Path(app), Cancel);

            answer.StatusCode.ShouldBe(HttpStatusCode.OK, app);
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
            var setup = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            setup.GetProperty("app").GetString().ShouldBe(app);
            setup.GetProperty("url").GetString()!.ShouldStartWith(Scene.Device.IngestUrl! + "/");
            setup.GetProperty("steps").GetArrayLength().ShouldBeGreaterThan(1);
            XDocument.Parse(setup.GetProperty("qr").GetString()!).Root!.Name.LocalName.ShouldBe("svg");
            // The format that the address names is one that the hub knows: an empty message is acknowledged.
            using var heard = await Scene.Hub.Http.PostAsync(setup.GetProperty("url").GetString(), null, Cancel);
            heard.IsSuccessStatusCode.ShouldBeTrue(app);
        }
    }

    [Fact]
    public async Task A_picture_alone_is_given_to_whoever_asks_for_one()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path("traccar"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/svg+xml"));
        using var answer = await Scene.Owner.Http.SendAsync(request, Cancel);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        XDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).Root!.Name.LocalName.ShouldBe("svg");
    }

    [Fact]
    public async Task An_app_that_there_is_not_is_named_with_those_that_there_are_and_a_phone_of_somebody_else_is_not_there()
    {
        using var unknown = await Scene.Owner.Http.GetAsync(Path("fax"), Cancel);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await unknown.Content.ReadAsStringAsync(Cancel)).ShouldContain("owntracks");

        var other = await Scene.Hub.SignUpAsync();
        using var foreign = await other.Http.GetAsync(Path("traccar"), Cancel);
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_new_key_is_in_what_is_told_from_then_on()
    {
        var before = (await SetupAsync("traccar")).GetProperty("url").GetString();
        (await Scene.Owner.Http.PostAsync($"/api/devices/{Scene.Device.Id}/key", null, Cancel)).Dispose();

        (await SetupAsync("traccar")).GetProperty("url").GetString().ShouldNotBe(before);
    }

    [Fact]
    public async Task Links_hold_the_address_as_each_app_reads_it()
    {
        foreach (var app in (string[])["traccar", "overland"])
        {
            var setup = await SetupAsync(app);
            var link = new Uri(setup.GetProperty("link").GetString()!);
            HttpUtility.ParseQueryString(link.Query)["url"].ShouldBe(setup.GetProperty("url").GetString());
        }

        var owntracks = await SetupAsync("owntracks");
        var inline = Encoded(owntracks, "inline");
        inline.GetProperty("_type").GetString().ShouldBe("configuration");
        inline.GetProperty("mode").GetInt32().ShouldBe(3);
        inline.GetProperty("url").GetString().ShouldBe(owntracks.GetProperty("url").GetString());
        JsonDocument.Parse(owntracks.GetProperty("file").GetProperty("content").GetString()!).RootElement.GetProperty("url").GetString()
            .ShouldBe(inline.GetProperty("url").GetString());

        var colota = await SetupAsync("colota");
        Encoded(colota, "config").GetProperty("endpoint").GetString().ShouldBe(colota.GetProperty("url").GetString());
    }

    [Theory, BothDatabases]
    public async Task What_the_app_makes_of_it_arrives(Database database)
    {
        await using var hub = await Scene.SetAsync(database);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        // As GPSLogger fills its template.
        var profile = (await SetupAsync("gpslogger", hub)).GetProperty("file").GetProperty("content").GetString()!
            .Split('\n').Where(line => line.Contains('=')).ToDictionary(line => line.Split('=', 2)[0], line => line.Split('=', 2)[1]);
        var body = profile["log_customurl_body"].Replace("%LAT", "52.5").Replace("%LON", "13.4").Replace("%ALT", "").Replace("%ACC", "4.0")
            .Replace("%DIR", "0.0")
            .Replace("%SPD", "1.5").Replace("%PROV", "gps").Replace("%SAT", "9").Replace("%HDOP", "null").Replace("%TIMESTAMP", $"{now}")
            .Replace("%BATT", "80.0")
            .Replace("%ISCHARGING", "false").Replace("%DESC", "");
        await SendAsync(profile["log_customurl_url"], body, profile["log_customurl_headers"].Split(": ")[1]);

        // As phyphox sends the experiment's buffers.
        var experiment = XDocument.Parse((await SetupAsync("phyphox", hub)).GetProperty("file").GetProperty("content").GetString()!);
        var connection = experiment.Descendants("connection").Single();
        var buffers = connection.Elements("send").Where(send => (string?)send.Attribute("type") == "buffer").ToList();
        buffers.Select(buffer => buffer.Value).ShouldBeSubsetOf(experiment.Descendants("container").Select(container => container.Value));
        var values = string.Join(',', buffers.Select(buffer => $"\"{(string)buffer.Attribute("id")!}\":[0.1,null]"));
        await SendAsync(
            (string)connection.Attribute("address")!, $$"""{{{values}},"time":{"now":{{now}}.5,"events":[]} }""",
            "application/json; utf-8");

        // As Colota fills its own names, by the map that it is given.
        var colota = await SetupAsync("colota", hub);
        var names = Encoded(colota, "config").GetProperty("fieldMap");
        var point = new Dictionary<string, double> { ["lat"] = 1, ["lon"] = 2, ["vel"] = 3, ["bear"] = 90, ["tst"] = now };
        await SendAsync(
            colota.GetProperty("url").GetString()!,
            JsonSerializer.Serialize(point.ToDictionary(pair => names.GetProperty(pair.Key).GetString()!, pair => pair.Value)),
            "application/json");

        // As Tasker does.
        await SendAsync(
            (await SetupAsync("tasker", hub)).GetProperty("url").GetString()!, $"loc=3,4&ts={now}", "application/x-www-form-urlencoded");

        // As OsmAnd fills the address that is typed into it: metres a second, and metres of accuracy.
        var steps = (await SetupAsync("osmand", hub)).GetProperty("steps").EnumerateArray().Select(step => step.GetString()!);
        var address = steps.Single(step => step.Contains("{0}", StringComparison.Ordinal)).Split(' ')[^1];
        var filled = string.Format(
            System.Globalization.CultureInfo.InvariantCulture, address, "5", "6", $"{now}000", "6.5", "12.0", "13.9", "90.0", 0, 0, 0, 0,
            "80");
        using (var sent = await hub.Hub.Http.GetAsync(filled, Cancel))
        {
            sent.IsSuccessStatusCode.ShouldBeTrue();
        }

        using var feed = await hub.Hub.Http.GetAsync(hub.Grant.Urls.Json, Cancel);
        var updates = JsonDocument.Parse(await feed.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("_update")).ToList();
        updates.Select(update => update.GetProperty("kind").GetString()).Order()
            .ShouldBe(["battery", "battery", "geo", "geo", "geo", "geo", "sensor", "sensor", "sensor"]);
        var moving = updates.Single(update => update.TryGetProperty("location", out var place) && place.GetProperty("lat").GetDouble() == 1)
            .GetProperty("location");
        (moving.GetProperty("speed").GetDouble(), moving.GetProperty("heading").GetDouble()).ShouldBe((3, 90));
        var driving = updates.Single(
            update => update.TryGetProperty("location", out var place) && place.GetProperty("lat").GetDouble() == 5)
                .GetProperty("location");
        (driving.GetProperty("speed").GetDouble(), driving.GetProperty("accuracy").GetDouble()).ShouldBe((13.9, 6.5));
        using var rejected = await hub.Owner.Http.GetAsync($"/api/devices/{hub.Device.Id}/rejected", Cancel);
        (await rejected.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"items\":[]");

        async Task SendAsync(string url, string text, string type)
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            content.Headers.TryAddWithoutValidation("Content-Type", type).ShouldBeTrue();
            using var answer = await hub.Hub.Http.PostAsync(url, content, Cancel);
            answer.IsSuccessStatusCode.ShouldBeTrue(url);
        }
    }

    private static JsonElement Encoded(JsonElement setup, string name)
    {
        var query = HttpUtility.ParseQueryString(new Uri(setup.GetProperty("link").GetString()!).Query);
        return JsonDocument.Parse(Convert.FromBase64String(query[name]!)).RootElement;
    }

    private string Path(string? app = null) => $"/api/devices/{Scene.Device.Id}/setup" + (app is null ? "" : $"/{app}");

    private async Task<List<string>> AppsAsync()
    {
        using var answer = await Scene.Owner.Http.GetAsync(Path(), Cancel);
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("app").GetString()!)];
    }

    private async Task<JsonElement> SetupAsync(string app, Scene? of = null)
    {
        using var answer = await (of ?? Scene).Owner.Http.GetAsync($"/api/devices/{(of ?? Scene).Device.Id}/setup/{app}", Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
    }
}
