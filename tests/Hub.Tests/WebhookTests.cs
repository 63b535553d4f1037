using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>What is written down of a webhook that an owner makes, with a hub that plays no workers: nobody has been called yet.</summary>
public sealed class WebhookTests
{
    private const string Callback = "http://127.0.0.1:9/hook?a=1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_webhook_waits_for_its_test_delivery_from_the_feeds_newest_update_on(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        await scene.Device.PostAsync("""[{"kind":"geo"},{"kind":"geo"}]""");

        using var answer = await scene.Owner.TryAddWebhookAsync(
            scene.Device.Feed, Callback, "geheim", "geojson", ["geo", "battery", "geo"]);

        var made = await ReadAsync(answer, HttpStatusCode.Created);
        (
            made.GetProperty("state").GetString(), made.GetProperty("callback").GetString(), made.GetProperty("format").GetString(),
            made.GetProperty("signed").GetBoolean())
            .ShouldBe(("pending", Callback, "geojson", true));
        made.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString()).ShouldBe(["battery", "geo"]);
        foreach (var absent in new[] { "leaseUntil", "confirmedAt", "endedAt", "cursor", "lane", "grant" })
        {
            made.GetProperty(absent).ValueKind.ShouldBe(JsonValueKind.Null, absent);
        }

        made.GetRawText().ShouldNotContain("geheim");
        (await scene.Owner.Http.GetFromJsonAsync<JsonElement>(answer.Headers.Location, Cancel)).GetRawText().ShouldBe(made.GetRawText());
        var asked = (await scene.PendingAsync()).ShouldHaveSingleItem();
        (asked.Mode, asked.Number, asked.Callback, asked.StartAt, asked.Format, asked.Kinds, asked.GrantId)
            .ShouldBe((VerificationMode.Webhook, 1, Callback, 2, FeedFormat.GeoJson, "battery,geo", null));
        var box = scene.Hub.Services.GetRequiredService<SecretBox>();
        box.TryOpen(asked.Secret!).ShouldBe("geheim");
        box.TryOpen(asked.Topic).ShouldBe($"{scene.Hub.BaseUrl}/feeds/{scene.Device.Feed}.geojson?kind=battery,geo");
    }

    [Theory, BothDatabases]
    public async Task The_same_topic_and_callback_is_one_webhook_and_the_newest_test_counts(Database database)
    {
        await using var scene = await Scene.SetAsync(database);

        using var first = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback, "first");
        using var second = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback, "second", "json");
        using var other = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback, "first", "atom");

        var made = await ReadAsync(first, HttpStatusCode.Created);
        var again = await ReadAsync(second, HttpStatusCode.Accepted);
        again.GetProperty("id").GetString().ShouldBe(made.GetProperty("id").GetString());
        (await ReadAsync(other, HttpStatusCode.Created)).GetProperty("id").GetString().ShouldNotBe(made.GetProperty("id").GetString());
        var asked = (await scene.PendingAsync()).Where(row => row.Format == FeedFormat.Json).ShouldHaveSingleItem();
        asked.Number.ShouldBe(2);
        scene.Hub.Services.GetRequiredService<SecretBox>().TryOpen(asked.Secret!).ShouldBe("second");
    }

    [Theory, BothDatabases]
    public async Task Two_that_are_made_at_once_are_one(Database database)
    {
        await using var scene = await Scene.SetAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback)));

        answers.Select(answer => answer.StatusCode).Order().ShouldBe(
            [HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.Accepted]);
        (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).ShouldHaveSingleItem();
        (await scene.PendingAsync()).ShouldHaveSingleItem();
    }

    // A webhook service answers no challenge, and would not know what a denial is.
    [Theory, BothDatabases]
    public async Task One_that_is_ended_is_told_nothing_and_can_be_made_again(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        using var answer = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback, "geheim");
        var id = (await ReadAsync(answer, HttpStatusCode.Created)).GetProperty("id").GetString();

        using var ended = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{id}", Cancel);

        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.PendingAsync()).ShouldBeEmpty();
        (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).ShouldHaveSingleItem().State.ShouldBe("denied");
        (await scene.ReadAsync(context => context.Subscriptions.SingleAsync(Cancel))).Secret.ShouldBeNull();
        using var again = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback);
        var made = await ReadAsync(again, HttpStatusCode.Created);
        (made.GetProperty("id").GetString(), made.GetProperty("state").GetString(), made.GetProperty("signed").GetBoolean()).ShouldBe(
            (id, "pending", false));
        made.GetProperty("endedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        // Above whatever was asked before: a test delivery that is still on the wire is void.
        (await scene.PendingAsync()).ShouldHaveSingleItem().Number.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task One_that_waits_takes_no_wishes()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        using var answer = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, Callback);
        var id = (await ReadAsync(answer, HttpStatusCode.Created)).GetProperty("id").GetString();

        using var resume = await scene.Owner.Http.PostAsync($"/api/subscriptions/{id}/resume", null, Cancel);

        (await ReadAsync(resume, HttpStatusCode.Conflict)).GetProperty("detail").GetString()!.ShouldContain("pending");
    }

    [Fact]
    public async Task Every_fault_of_a_webhook_is_named()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        using var body = JsonContent.Create(new
        {
            callback = "ftp://example.org/",
            secret = new string('é', 100),
            format = "csv",
            kinds = new[] { "geo", "Not A Kind" },
            lease = 5,
        });

        using var answer = await scene.Owner.Http.PostAsync($"/api/feeds/{scene.Device.Feed}/subscriptions", body, Cancel);

        var errors = (await ReadAsync(answer, HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateArray().ToList();
        errors.Select(error => error.GetProperty("path").GetString())
            .ShouldBe(["callback", "secret", "format", "kinds[1]", "lease"], ignoreOrder: true);
        errors[0].GetProperty("detail").GetString().ShouldBe("callback is not an absolute http or https URL.");
        (await scene.PendingAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tests_of_one_host_do_not_pile_up_without_end_and_feeds_of_others_have_none()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite, options => options.Settings["Subscriptions:PendingPerHost"] = "2");
        var stranger = await scene.Hub.SignUpAsync();
        using var foreign = await stranger.TryAddWebhookAsync(scene.Device.Feed, "http://127.0.0.1:10/");
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        for (var number = 0; number < 2; number++)
        {
            using var taken = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, $"http://127.0.0.1:9/{number}");
            taken.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        using var refused = await scene.Owner.TryAddWebhookAsync(scene.Device.Feed, "http://127.0.0.1:9/2");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_description_of_the_API_knows_all_of_it()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);

        var paths = (await scene.Hub.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel)).GetProperty("paths");

        paths.GetProperty("/api/feeds/{feed}/subscriptions").GetProperty("post").GetProperty("responses").EnumerateObject()
            .Select(status => status.Name)
            .ShouldBe(["201", "202", "400", "401", "404", "429"], ignoreOrder: true);
        foreach (var path in new[] { "replay", "resume", "redeliver", "parked/{seq}/redeliver" })
        {
            var post = paths.GetProperty($"/api/subscriptions/{{subscription}}/{path}").GetProperty("post");
            post.GetProperty("responses").TryGetProperty("202", out _).ShouldBeTrue(path);
            post.GetProperty("responses").TryGetProperty("409", out _).ShouldBeTrue(path);
        }

        paths.GetProperty("/api/subscriptions/{subscription}/replay").GetProperty("post").TryGetProperty("requestBody", out _)
            .ShouldBeTrue();
        paths.GetProperty("/api/notices").GetProperty("get").GetProperty("parameters").EnumerateArray()
            .Select(parameter => parameter.GetProperty("name").GetString()).ShouldContain("feed");
        paths.TryGetProperty("/subscriptions/{subscription}/redeliver", out _).ShouldBeTrue();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }
}
