using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Owners;

/// <summary>The API's description (OpenAPI): complete enough to generate clients, and true for the hub's answers.</summary>
public sealed partial class DescriptionTests(SharedHubs hubs)
{
    // It answers 202 without a body.
    private static readonly string[] WithoutBody = ["POST /api/account/confirmation"];

    [Fact]
    public async Task Every_operation_has_a_name_a_summary_its_keys_and_typed_answers()
    {
        var hub = await hubs.OnAsync(Database.Sqlite);
        var document = await hub.Http.JsonAsync("/openapi/v1.json");
        var described = new Described(document);
        var schemes = document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name)
            .ToList();
        var faults = new List<string>();

        foreach (var (name, operation) in described.Operations)
        {
            if (!OperationId().IsMatch(Text(operation, "operationId")))
            {
                faults.Add($"{name} has no operationId in camelCase");
            }

            if (Text(operation, "summary").Length == 0)
            {
                faults.Add($"{name} has no summary");
            }

            var security = operation.TryGetProperty("security", out var own) ? own : document.GetProperty("security");
            if (security.GetArrayLength() == 0 ||
                security.EnumerateArray().SelectMany(one => one.EnumerateObject()).Any(scheme => !schemes.Contains(scheme.Name)))
            {
                faults.Add($"{name} does not say by which keys it is opened");
            }

            faults.AddRange(
                from answer in operation.GetProperty("responses").EnumerateObject()
                where answer.Name[0] == '2' && answer.Name != "204" && !name.StartsWith("HEAD", StringComparison.Ordinal) &&
                    !WithoutBody.Contains(name)
                where !HasContent(answer.Value)
                select $"{name} does not say what {answer.Name} holds");
        }

        faults.ShouldBeEmpty();
        var ids = described.Operations.Select(one => Text(one.Operation, "operationId")).ToList();
        ids.Count.ShouldBeGreaterThan(80);
        ids.Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(ids.Count);
        described.References.Where(reference => !described.Resolves(reference)).ShouldBeEmpty();
        document.GetProperty("info").GetProperty("title").GetString().ShouldBe("Activity Hub");
        document.GetProperty("servers").EnumerateArray().ShouldAllBe(server => !server.GetProperty("url").GetString()!.EndsWith('/'));
    }

    [Theory, BothDatabases]
    public async Task What_the_hub_answers_is_what_is_described(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var described = new Described(await scene.Hub.Http.JsonAsync("/openapi/v1.json"));
        var (key, faults) = (scene.Grant.Key, new List<string>());
        (string, string)[] phone = [("Authorization", Http.Bearer(scene.Phone.Key))];
        var updates = $"/feeds/{scene.Feed}/updates";
        await PostAsync(
            """{"id":"walk-1","kind":"geo","at":"2026-11-23T08:15:30-03:00","title":"A walk","location":{"lat":-23.4,"lon":-50.3,"accuracy":12,"speed":1.5},"data":{"a":1}}""");
        await PostAsync("""[{"kind":"battery","data":{"level":47}},{"kind":"activity"}]""");
        await PostAsync("""[{"kind":"NO"}]""");
        await CheckAsync(
            "POST /feeds/{feed}/updates",
            await scene.Hub.Http.SendAsync(HttpMethod.Post, updates, Json("{}"), ("Authorization", Http.Bearer(key!))));
        using var wish = await scene.Owner.Http.PostJsonAsync(
            $"/api/feeds/{scene.Feed}/messages", """{"command":"ping","arguments":{"n":1}}""");
        await CheckAsync("POST /api/feeds/{feed}/messages", wish);
        await CheckAsync(
            "POST /api/zones", await scene.Owner.Http.PostJsonAsync("/api/zones", """{"name":"home","lat":1,"lon":2,"radius":500}"""));
        await CheckAsync(
            "POST /api/apps",
            await scene.Owner.Http.PostJsonAsync("/api/apps", """{"name":"map","redirectUris":["https://app.example/cb"]}"""));

        foreach (var (template, path) in new[]
        {
            ("/api/devices", "/api/devices"), ("/api/devices/{device}", $"/api/devices/{scene.Phone.Id}"),
            ("/api/feeds/{feed}/grants", $"/api/feeds/{scene.Feed}/grants"),
            ("/api/feeds/{feed}/subscriptions", $"/api/feeds/{scene.Feed}/subscriptions"),
            ("/api/feeds/{feed}/messages", $"/api/feeds/{scene.Feed}/messages"),
            ("/api/devices/{device}/rejected", $"/api/devices/{scene.Phone.Id}/rejected"),
            ("/api/devices/{device}/setup", $"/api/devices/{scene.Phone.Id}/setup"),
            ("/api/devices/{device}/setup/{phoneApp}", $"/api/devices/{scene.Phone.Id}/setup/owntracks"), ("/api/tokens", "/api/tokens"),
            ("/api/notices", "/api/notices"), ("/api/zones", "/api/zones"), ("/api/receipts", "/api/receipts"),
            ("/api/receipts.json", "/api/receipts.json"), ("/api/apps", "/api/apps"), ("/api/apps/consents", "/api/apps/consents"),
            ("/api/subscriptions/{subscription}", "/api/subscriptions/000000000000"),
        })
        {
            await CheckAsync($"GET {template}", await scene.Owner.Http.AskAsync(path));
        }

        foreach (var (template, path) in new[]
        {
            ("/push/key", "/push/key"), ("/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server"),
            ("/feeds/{feed}.{format}", $"/feeds/{scene.Feed}.json?key={key}"),
            ("/feeds/{feed}.{format}", $"/feeds/{scene.Feed}.geojson?key={key}"),
            ("/feeds/{feed}.{format}", $"/feeds/{scene.Feed}.json?key={key}&limit=0"),
            ("/feeds/{feed}.{format}", $"/feeds/{scene.Feed}.json?key=rk_no"),
            ("/feeds/{feed}/updates/{position}", $"{updates}/1?key={key}"), ("/api/devices", "/api/devices"),
        })
        {
            await CheckAsync($"GET {template}", await scene.Hub.Http.AskAsync(path));
        }

        await CheckAsync("GET /devices/{device}/inbox", await scene.Hub.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox", phone));

        faults.ShouldBeEmpty();

        async Task PostAsync(string json) =>
            await CheckAsync("POST /feeds/{feed}/updates", await scene.Hub.Http.SendAsync(HttpMethod.Post, updates, Json(json), phone));

        async Task CheckAsync(string operation, HttpResponseMessage answer)
        {
            using (answer)
            {
                var body = JsonElement.Parse(await answer.TextAsync());
                if (described.FaultOf(operation, (int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType!, body) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }
    }

    private static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static bool HasContent(JsonElement answer) =>
        answer.TryGetProperty("content", out var content) && content.EnumerateObject().Any() &&
        content.EnumerateObject().All(type => type.Value.TryGetProperty("schema", out var schema) && schema.EnumerateObject().Any());

    [GeneratedRegex("^[a-z][a-zA-Z0-9]+$")]
    private static partial Regex OperationId();
}
