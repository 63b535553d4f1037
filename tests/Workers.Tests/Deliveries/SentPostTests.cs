using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// "An attempt shows what was sent: headers and body, for a bounded time." No body is stored: the shown body is rendered again and compared
// with a digest.
public sealed class SentPostTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_attempt_shows_headers_and_body_as_they_came_and_no_key(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 3);
        var topics = new Dictionary<string, string?>
        {
            ["/hook"] = null,
            ["/atom"] = stage.Reader.Urls.Atom,
            ["/json"] = stage.Reader.Urls.Json
        };
        foreach (var (path, topic) in topics)
        {
            if (topic is not null)
            {
                await stage.SubscribeAsync(host.At(path), topic, secret: "geheim", signature: "standard");
                continue;
            }

            using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(path), "geheim");
            await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url(path));
        }

        await stage.PostAsync(4, 4);

        foreach (var (path, topic) in topics)
        {
            await host.At(path).WaitUntilAsync(all => all.HaveUpTo(4));
            await stage.UntilAsync(host.At(path), one => one.Cursor == "4");
            var received = host.At(path).Deliveries;
            var attempts = await AttemptsAsync(stage, host.At(path), received.Count);
            for (var i = 0; i < received.Count; i++)
            {
                var shown = await ShowAsync(stage, host.At(path), attempts[^(i + 1)]);
                shown.GetProperty("note").ValueKind.ShouldBe(JsonValueKind.Null, path);
                shown.GetProperty("body").GetString().ShouldBe(received[i].Text.Replace(stage.Reader.Key!, "…", StringComparison.Ordinal));
                var headers = shown.GetProperty("headers").EnumerateArray()
                    .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("value").GetString());
                foreach (var (name, values) in received[i].Headers.Where(header => header.Key is not ("Host" or "Connection" or "Link")))
                {
                    headers.ShouldContainKeyAndValue(name, values.ToString());
                }

                headers["Link"]!.ShouldContain("rel=\"status\"");
                shown.GetRawText().ShouldNotContain(stage.Reader.Key!);
                shown.GetRawText().ShouldNotContain("sk_");
                shown.GetRawText().ShouldNotContain("geheim");
            }
        }
    }

    [Theory, BothDatabases]
    public async Task What_has_changed_since_and_what_is_a_day_old_is_not_shown_and_says_so(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default, stage.Reader.Urls.Json, secret: "geheim");
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);
        var attempt = (await AttemptsAsync(stage, host.Default, 1))[0];
        (await ShowAsync(stage, host.Default, attempt)).GetProperty("body").ValueKind.ShouldBe(JsonValueKind.String);

        using var taken = await stage.Owner.Http.DeleteAsync($"/api/feeds/{stage.Phone.Feed}/updates/1", Cancel);
        taken.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var changed = await ShowAsync(stage, host.Default, attempt);
        changed.GetProperty("body").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("note").GetString().ShouldBe(
            "The body cannot be shown any more: the feed, its log or its view has changed since it was sent.");
        changed.GetProperty("headers").EnumerateArray().Select(one => one.GetProperty("name").GetString())
            .ShouldNotContain("X-Hub-Signature");

        clock.Advance(TimeSpan.FromHours(25));
        (await ShowAsync(stage, host.Default, attempt)).GetProperty("note").GetString()
            .ShouldBe("The body is shown for 24 hours after it was sent.");
    }

    [Theory, BothDatabases]
    public async Task Another_owners_attempt_is_not_there(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);
        var attempt = (await AttemptsAsync(stage, host.Default, 1))[0];
        var subscription = (await stage.SeeAsync(host.Default)).Id;
        var other = await stage.Hub.SignUpAsync();

        foreach (var (owner, path) in new[] { (other, attempt), (stage.Owner, Guid.NewGuid().ToString()), (stage.Owner, "x") })
        {
            using var answer = await owner.Http.GetAsync($"/api/subscriptions/{subscription}/attempts/{path}", Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    // Returns the attempts, newest first.
    private static async Task<List<string>> AttemptsAsync(Stage stage, CallbackPath path, int count)
    {
        var id = (await stage.SeeAsync(path)).Id;
        List<string> found = [];
        await Eventually.ShouldAsync(async () =>
        {
            using var answer = await stage.Owner.Http.GetAsync($"/api/subscriptions/{id}/attempts", Cancel);
            found = [.. JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("items").EnumerateArray()
                .Select(one => one.GetProperty("id").GetString()!)];
            return found.Count == count;
        });
        return found;
    }

    private static async Task<JsonElement> ShowAsync(Stage stage, CallbackPath path, string attempt)
    {
        using var answer = await stage.Owner.Http.GetAsync(
            $"/api/subscriptions/{(await stage.SeeAsync(path)).Id}/attempts/{attempt}", Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return JsonElement.Parse(text);
    }
}
