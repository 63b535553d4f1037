using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>
/// Messages of apps, from their request to the feed's document. The fixtures are those of the feed API's own tests, which describe their
/// form.
/// </summary>
public sealed class PhoneFormatTests(SharedHubs hubs)
{
    private const string Sealed = "encrypted";
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    [Theory, BothDatabases]
    public async Task Every_fixture_is_answered_as_its_app_expects_and_read_in_the_feed_once_however_often_it_is_sent(Database database)
    {
        // The fixtures' times are near this time.
        var clock = new MovableClock();
        clock.Forward(Noon - clock.GetUtcNow());
        await using var hub = await HubApp.StartAsync(database, options => options.Time = clock);
        var owner = await hub.SignUpAsync();
        var files = Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories);
        files.Length.ShouldBeGreaterThan(20);

        foreach (var file in files)
        {
            var fixture = JsonNode.Parse(await File.ReadAllBytesAsync(file, Cancel))!;
            var name = Path.GetRelativePath(Folder, file);
            if (fixture["now"] is null)
            {
                await SendTwiceAsync(hub, owner, fixture, Path.GetDirectoryName(name)!, name);
            }
        }
    }

    [Theory, BothDatabases]
    public async Task What_is_encrypted_is_read_once_its_passphrase_is_set_and_answered_encrypted(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var body = Encrypted(
            "correct horse", """{"_type":"location","topic":"owntracks/jo/phone","lat":48.85,"lon":2.29,"vel":36,"tst":1790000000}""");
        using var early = await SendAsync(scene.Hub, scene.Phone, "", body);
        (await early.TextAsync()).ShouldBe("[]");
        var kept = (await RejectedAsync(scene.Owner, scene.Phone)).EnumerateArray().ShouldHaveSingleItem();
        kept.GetProperty("reason").GetString()!.ShouldContain("no passphrase");

        (await PatchAsync(scene, "battery staple")).Dispose();
        var path = $"/api/devices/{scene.Phone.Id}/rejected/{kept.GetProperty("id").GetString()}/replay";
        using var wrong = await scene.Owner.Http.PostAsync(path, null, Cancel);
        (await wrong.JsonAsync()).GetProperty("reason").GetString()!.ShouldContain("another passphrase");
        (await PatchAsync(scene, "correct horse")).Dispose();
        using var right = await scene.Owner.Http.PostAsync(path, null, Cancel);
        (await right.JsonAsync()).GetProperty("accepted").GetInt32().ShouldBe(1);
        using var again = await SendAsync(scene.Hub, scene.Phone, "", body);

        var answer = await again.JsonAsync();
        answer.GetProperty("_type").GetString().ShouldBe(Sealed);
        Opened("correct horse", answer.GetProperty("data").GetString()!).ShouldBe("[]");
        var update = (await UpdatesAsync(scene.Owner, scene.Phone)).ShouldHaveSingleItem();
        update["location"]!["speed"]!.GetValue<double>().ShouldBe(10, 1e-9);
        (await RejectedAsync(scene.Owner, scene.Phone)).GetArrayLength().ShouldBe(0);
    }

    private static async Task SendTwiceAsync(HubApp hub, TestOwner owner, JsonNode fixture, string format, string name)
    {
        var phone = await owner.AddDeviceAsync(name);
        if (fixture["passphrase"]?.GetValue<string>() is { } passphrase)
        {
            (await owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/devices/{phone.Id}", JsonSerializer.Serialize(new { passphrase })))
                .Dispose();
        }

        var expected = (fixture["updates"]?.AsArray() ?? []).Select(update => Shown(update!)).Order().ToList();
        var rejected = fixture["rejected"]?.AsArray().Count ?? 0;

        using var first = await SendAsync(hub, phone, fixture, format);

        ((int)first.StatusCode).ShouldBe(fixture["answer"]!["status"]!.GetValue<int>(), name);
        if (fixture["mail"] is null && fixture["answer"]!["body"] is JsonObject or JsonArray)
        {
            JsonNode.DeepEquals(JsonNode.Parse(await first.TextAsync()), fixture["answer"]!["body"])
                .ShouldBeTrue($"{name}: {await first.TextAsync()}");
        }

        string.Join("\n", (await UpdatesAsync(owner, phone)).Select(Shown).Order()).ShouldBe(string.Join("\n", expected), name);
        (await RejectedAsync(owner, phone)).GetArrayLength().ShouldBe(rejected, name);

        using var second = await SendAsync(hub, phone, fixture, format);

        ((int)second.StatusCode).ShouldBeInRange(200, 299, name);
        // A message without a time becomes a new update each time it arrives.
        if (expected.All(update => update.Contains("\"at\"")))
        {
            string.Join("\n", (await UpdatesAsync(owner, phone)).Select(Shown).Order()).ShouldBe(string.Join("\n", expected), name);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(HubApp hub, TestDevice phone, JsonNode fixture, string format)
    {
        var request = fixture["request"]!;
        var body = request["body"] switch
        {
            JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
            var json => json?.ToJsonString(),
        };
        var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        var message = new HttpRequestMessage(
            new HttpMethod(request["method"]?.GetValue<string>() ?? "POST"),
            new Uri(phone.IngestUrl!).AbsolutePath + (fixture["named"]?.GetValue<bool>() is true ? "/" + format : "")
                + request["query"]?.GetValue<string>())
        {
            Content = content,
        };
        foreach (var (header, value) in request["headers"]?.AsObject() ?? [])
        {
            _ = message.Headers.TryAddWithoutValidation(header, value!.GetValue<string>()) ||
                content!.Headers.TryAddWithoutValidation(header, value.GetValue<string>());
        }

        return hub.Http.SendAsync(message, Cancel);
    }

    private static Task<HttpResponseMessage> SendAsync(HubApp hub, TestDevice phone, string path, string body) =>
        hub.Http.PostJsonAsync(new Uri(phone.IngestUrl!).AbsolutePath + path, body);

    private static Task<HttpResponseMessage> PatchAsync(Scene scene, string passphrase) =>
        scene.Owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/devices/{scene.Phone.Id}", JsonSerializer.Serialize(new { passphrase }));

    private static async Task<List<JsonNode>> UpdatesAsync(TestOwner owner, TestDevice phone)
    {
        using var answer = await owner.Http.GetAsync($"/feeds/{phone.Feed}.json?limit=200", Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return [.. JsonNode.Parse(await answer.TextAsync())!["items"]!.AsArray().Select(item => item!["_update"]!)];
    }

    private static async Task<JsonElement> RejectedAsync(TestOwner owner, TestDevice phone) =>
        (await owner.Http.JsonAsync($"/api/devices/{phone.Id}/rejected?limit=200")).GetProperty("items");

    // Returns the content of an update without its number; with its time only if the app sent one.
    private static string Shown(JsonNode update)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in new[] { "kind", "title", "location", "data" })
        {
            if (update[member] is { } value)
            {
                shown[member] = Plain(value);
            }
        }

        if (update["at"]?.GetValue<DateTimeOffset>() is { } at && at != Noon && Math.Abs((at - Noon).TotalMinutes) > 15)
        {
            shown["at"] = at.ToUniversalTime().ToString("O");
        }

        return JsonSerializer.Serialize(shown);
    }

    private static string Plain(JsonNode json) => json switch
    {
        JsonObject item =>
            "{"
                + string.Join(
                    ',',
                    item.OrderBy(member => member.Key, StringComparer.Ordinal)
                        .Select(member => $"{member.Key}:{(member.Value is null ? "null" : Plain(member.Value))}")) + "}",
        JsonArray items => "[" + string.Join(',', items.Select(item => item is null ? "null" : Plain(item))) + "]",
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => Math.Round(double.Parse(value.ToJsonString()), 6).ToString(),
        _ => json.ToJsonString(),
    };

    private static string Encrypted(string passphrase, string text)
    {
        var nonce = Sodium.SecretBox.GenerateNonce();
        return JsonSerializer.Serialize(
            new
            {
                _type = Sealed,
                data = Convert.ToBase64String(
                    [.. nonce, .. Sodium.SecretBox.Create(Encoding.UTF8.GetBytes(text), nonce, Key(passphrase))])
            });
    }

    private static string Opened(string passphrase, string data)
    {
        var bytes = Convert.FromBase64String(data);
        return Encoding.UTF8.GetString(Sodium.SecretBox.Open(bytes[24..], bytes[..24], Key(passphrase)));
    }

    private static byte[] Key(string passphrase) => [.. Encoding.UTF8.GetBytes(passphrase), .. new byte[32 - passphrase.Length]];
}
