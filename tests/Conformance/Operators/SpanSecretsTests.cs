using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Operators;

/// <summary>docs/http-api.md: keys never reach a span; spans carry route templates.</summary>
public sealed class SpanSecretsTests
{
    [Theory, BothDatabases]
    public async Task No_key_of_the_run_is_in_what_is_exported(Database database)
    {
        await using var receiver = await TelemetryReceiver.StartAsync();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            SharedHubs.Impatient(options);
            foreach (var (name, value) in receiver.Settings)
            {
                options.Settings[name] = value;
            }
        });
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.AnsweringAsync(
            HttpStatusCode.InternalServerError, CallbackReply.Reset, HttpStatusCode.NoContent);
        const string secret = "the-hub-secret-of-this-run";
        const string hidden = "the-callbacks-own-token";
        await scene.SubscribeAsync(scene.Topic, callback.Url($"/callback?token={hidden}"), secret);
        using (var posted = await hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, """{"kind":"x"}"""))
        {
            posted.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await scene.PostEachAsync("a");
        var status = Http.Links([(await callback.WaitForAsync(3))[^1].Header("Link")!]).Single(link => link.Rel == "status").Target;
        foreach (var url in (string[])[scene.Keyed("json"), scene.Keyed("csv"), scene.Keyed("json") + "&limit=x",
            scene.Keyed("nothing") + "/at/all", status, status + "x"])
        {
            using var answer = await hub.Http.AskAsync(url);
        }

        // The delivery span is awaited last: earlier spans are exported with it or before it.
        foreach (var route in (string[])["/feeds/{feed}/updates", "/i/{ingestKey}", "/hub"])
        {
            (await RoutedAsync(receiver, route)).Name.ShouldEndWith(route);
        }

        await receiver.WaitForAsync(
            span => span.Name == "deliver" && span.Attributes["hub.feed"] == scene.Feed && span.Attributes["hub.outcome"] == "accepted");
        await hub.StopAsync();

        var secrets = new Dictionary<string, string>
        {
            ["device key"] = scene.Phone.Key,
            ["ingest key"] = Last(scene.Phone.IngestUrl!),
            ["reader key"] = scene.Grant.Key!,
            ["token"] = scene.Owner.Token,
            ["password"] = scene.Owner.Password,
            ["hub.secret"] = secret,
            ["callback's query"] = hidden,
            ["status key"] = status[(status.IndexOf("key=", StringComparison.Ordinal) + 4)..],
        };
        secrets.Where(pair => receiver.Holds(pair.Value)).Select(pair => pair.Key).ShouldBeEmpty();
        receiver.Spans.SelectMany(span => span.Attributes.Keys).Distinct()
            .ShouldNotContain(name => name.StartsWith("url.", StringComparison.Ordinal) && name != "url.scheme");
        receiver.Spans.ShouldNotContain(span => span.Scope == "System.Net.Http");
        receiver.Holds("hub.updates").ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_not_sampled_is_not_stored_and_not_traced_further()
    {
        await using var receiver = await TelemetryReceiver.StartAsync();
        using var folder = new TempFolder();
        await using var hub = HubProcess.Of("ActivityHub.Hub", new Dictionary<string, string>(receiver.Settings)
        {
            ["Hub__DataDirectory"] = folder.Path,
            ["OTEL_TRACES_SAMPLER"] = "always_off",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["OTEL_SERVICE_NAME"] = "named-by-the-operator",
        });
        await hub.StartAsync();
        var owner = await TestOwner.SignUpAsync(hub.BaseUrl);
        var phone = await owner.AddDeviceAsync();
        await phone.PostAsync("""{"kind":"x"}""");

        // Metrics are exported meanwhile, under the name that the operator chose.
        await Eventually.ShouldAsync(() => Task.FromResult(receiver.Holds("hub.ingest.updates")), TimeSpan.FromSeconds(30));

        receiver.Holds("named-by-the-operator").ShouldBeTrue();
        receiver.Spans.ShouldBeEmpty();
    }

    private static Task<ReceivedSpan> RoutedAsync(TelemetryReceiver receiver, string route) =>
        receiver.WaitForAsync(span => span.Attributes.GetValueOrDefault("http.route") == route, TimeSpan.FromSeconds(20));

    private static string Last(string url) => url[(url.LastIndexOf('/') + 1)..];
}
