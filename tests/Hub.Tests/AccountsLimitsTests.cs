using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger.Access;
using ActivityHub.TestKit;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class AccountsLimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Each_count_has_a_limit_that_is_named_and_says_what_to_do(Database database)
    {
        await using var scene = await Scene.SetAsync(database, options =>
        {
            options.Settings["Limits:Devices"] = "1";
            options.Settings["Limits:GrantsPerFeed"] = "1";
            options.Settings["Limits:SubscriptionsPerFeed"] = "1";
        });
        await scene.ConfirmAsync("http://127.0.0.1:9/first");

        using var device = await scene.Owner.Http.PostAsJsonAsync("/api/devices", new { name = "second" }, Cancel);
        using var grant = await scene.Owner.TryGrantAsync(scene.Device.Feed);
        using var webhook = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, "http://127.0.0.1:9/hook");
        using var renewal = await scene.Hub.TrySubscribeAsync(scene.Topic, "http://127.0.0.1:9/first");
        using var second = await scene.Hub.TrySubscribeAsync(scene.Topic, "http://127.0.0.1:9/second");

        await RefusedAsync(device, HttpStatusCode.Conflict, "Limits:Devices");
        await RefusedAsync(grant, HttpStatusCode.Conflict, "Limits:GrantsPerFeed");
        await RefusedAsync(webhook, HttpStatusCode.Conflict, "Limits:SubscriptionsPerFeed");
        renewal.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        second.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await second.Content.ReadAsStringAsync(Cancel)).ShouldContain("Limits:SubscriptionsPerFeed");

        // A feed that is somebody else's is not there, full or not.
        var stranger = await scene.Hub.SignUpAsync();
        (await stranger.TryGrantAsync(scene.Device.Feed)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.TryAddWebhookAsync(scene.Device.Feed, "http://127.0.0.1:9/hook")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Answers_tell_what_is_left_and_one_too_many_is_told_when_to_come_back()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Settings["Limits:ClientBurst"] = "40";
            options.Settings["Limits:ClientPerSecond"] = "1";
            options.Settings["Limits:AccountBurst"] = "5";
            options.Settings["Limits:AccountPerSecond"] = "1";
        });
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();

        using var first = await owner.Http.GetAsync("/api/devices", Cancel);
        string.Join(", ", first.Headers.GetValues("RateLimit-Policy")).ShouldBe("\"client\";q=40;w=40, \"account\";q=5;w=5");
        string.Join(", ", first.Headers.GetValues("RateLimit"))
            .ShouldMatch("^\"client\";r=[0-9]+;t=[0-9]+, \"account\";r=[0-9]+;t=[0-9]+$");

        var seen = new List<HttpResponseMessage>();
        for (var i = 0; i < 20; i++)
        {
            seen.Add(await owner.Http.GetAsync("/api/devices", Cancel));
        }

        var refused = seen.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        refused.Headers.Contains("Content-Security-Policy").ShouldBeTrue();

        // Phones and readers have limits of their own, and others are not held up by this account.
        (await owner.Http.GetAsync($"/feeds/{device.Feed}.json", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await hub.Http.GetAsync("/sign-in", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 40; i++)
        {
            seen.Add(await hub.Http.GetAsync("/", Cancel));
        }

        seen[^1].StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await hub.Http.GetAsync("/health/live", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        seen.ForEach(answer => answer.Dispose());
    }

    [Theory]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void One_network_of_a_customer_is_one_client(string one, string other, bool same) =>
        (ClientAddress.Of(IPAddress.Parse(one)) == ClientAddress.Of(IPAddress.Parse(other)),
            ClientAddress.PartitionOf(
                IPAddress.Parse(one), int.MaxValue) == ClientAddress.PartitionOf(IPAddress.Parse(other), int.MaxValue)).ShouldBe(
                    (same, same));

    [Fact]
    public void Memory_is_bounded_whoever_comes()
    {
        var seen = Enumerable.Range(0, 100_000).Select(i => ClientAddress.PartitionOf(new IPAddress((long)i * 7919 % uint.MaxValue), 256))
            .Distinct().ToList();

        seen.Count.ShouldBeInRange(200, 256);
        seen.ShouldAllBe(partition => partition >= 0 && partition < 256);
        var limits = new RequestLimits(Options.Create(new LimitOptions { ClientBurst = 1 }), TimeProvider.System);
        limits.OfClient(IPAddress.Parse("2001:db8::1")).IsKept.ShouldBeTrue();
        limits.OfClient(IPAddress.Parse("2001:db8::2")).IsKept.ShouldBeFalse();
        limits.OfClient(null).Rate.Name.ShouldBe("client");
    }

    private static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string setting)
    {
        answer.StatusCode.ShouldBe(status);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()!.ShouldContain(setting);
    }
}
