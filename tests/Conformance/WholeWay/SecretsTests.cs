using System.Net;
using ActivityHub.TestKit;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WholeWay;

/// <summary>The hub's logs contain no secret of a whole run, at the most detailed log level and with many failures.</summary>
public sealed class SecretsTests
{
    [Theory, BothDatabases]
    public async Task No_secret_of_the_run_is_in_the_logs(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            SharedHubs.Impatient(options);
            options.Settings["Logging:LogLevel:Default"] = "Debug";
            options.Settings["Logging:LogLevel:ActivityHub"] = "Debug";
            options.Settings["Logging:LogLevel:Microsoft"] = "Information";
        });
        var scene = await Scene.SetAsync(hub);
        await using var callback =
            await CallbackListener.AnsweringAsync(HttpStatusCode.InternalServerError, CallbackReply.Reset, HttpStatusCode.NoContent);
        const string secret = "the-hub-secret-of-this-run";
        const string wrongPassword = "a-password-that-is-wrong";
        await scene.SubscribeAsync(scene.Topic, callback.Url(), secret);
        await scene.PostEachAsync("a");
        var status = Http.Links([(await callback.WaitForAsync(3))[^1].Header("Link")!]).Single(link => link.Rel == "status").Target;
        using var device = await scene.Owner.Http.PostJsonAsync($"/api/devices/{scene.Phone.Id}/key", "{}");
        var fresh = await device.JsonAsync();
        string[] requests =
        [
            scene.Keyed("json"), scene.Keyed("csv"), scene.Keyed("json") + "&limit=x", $"/feeds/{scene.Feed}?key={scene.Grant.Key}",
            scene.Bare("json") + "?key=" + scene.Phone.Key, scene.Bare("json") + "?key=" + scene.Owner.Token,
            status, status + "x", status.Replace("/subscriptions/", "/subscriptions/0", StringComparison.Ordinal),
        ];
        foreach (var url in requests)
        {
            using var answer = await hub.Http.AskAsync(url);
        }

        using var old = await hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, """{"kind":"x"}""");
        using var bad = await hub.Http.PostJsonAsync(fresh.GetProperty("ingestUrl").GetString()!, """{"kind":"X"}""");
        using var wrong = await hub.Http.PostJsonAsync(
            "/api/tokens", $$"""{"email":"{{scene.Owner.Email}}","password":"{{wrongPassword}}"}""");
        using var broken = await hub.Http.PostJsonAsync(
            "/api/tokens", $$"""{"email":"{{scene.Owner.Email}}","password":"{{wrongPassword}}" x""");
        using var refused = await hub.TrySubscribeAsync(scene.Topic + "&limit=1", callback.Url(), secret, signature: "md5");
        await hub.UnsubscribeAsync(scene.Topic, callback.Url());
        await Eventually.ShouldAsync(async () => (await scene.SubscriptionAsync(callback.Url()))?.State != "active");
        await scene.Owner.RevokeAsync(scene.Grant);
        await hub.StopAsync();

        hub.Logs.Lines.ShouldContain(
            line => line.Level == LogLevel.Information && line.Category.StartsWith("Microsoft.", StringComparison.Ordinal));
        var secrets = new Dictionary<string, string>
        {
            ["device key"] = scene.Phone.Key,
            ["new device key"] = fresh.GetProperty("key").GetString()!,
            ["ingest key"] = Last(scene.Phone.IngestUrl!),
            ["new ingest key"] = Last(fresh.GetProperty("ingestUrl").GetString()!),
            ["reader key"] = scene.Grant.Key!,
            ["token"] = scene.Owner.Token,
            ["password"] = scene.Owner.Password,
            ["wrong password"] = wrongPassword,
            ["hub.secret"] = secret,
            ["status key"] = status[(status.IndexOf("key=", StringComparison.Ordinal) + 4)..],
        };
        foreach (var (name, value) in secrets)
        {
            hub.Logs.Lines.Where(line => line.ToString().Contains(value, StringComparison.Ordinal))
                .Select(line => $"{line.Category} {line.Event}").Distinct().ShouldBeEmpty(name);
        }
    }

    private static string Last(string url) => url[(url.LastIndexOf('/') + 1)..];
}
