using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// Without limits, a phone's update of 24 bytes made the hub send 43.8 MiB to one address, through a hundred webhooks that include the full
// contents each time.
public sealed class BoundedContentsTests(Hubs hubs)
{
    private const int Mebibyte = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_webhook_has_the_contents_once_and_after_a_gap_and_else_what_is_new(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 3);
        foreach (var format in new[] { "json", "geojson", "js" })
        {
            await MakeAsync(stage, host.At("/" + format), format);
        }

        // The first try is refused, so the contents are sent once more.
        host.At("/json").Answers(HttpStatusCode.InternalServerError, HttpStatusCode.OK);
        await stage.PostAsync(4, 4);
        foreach (var (path, tries) in new[] { ("/json", 2), ("/geojson", 1), ("/js", 1) })
        {
            (await host.At(path).WaitForAsync(1 + tries)).Skip(1)
                .ShouldAllBe(delivery => delivery.Numbers().SequenceEqual(new[] { 1, 2, 3, 4 }));
            await stage.UntilExpressAsync(host.At(path), 4);
        }

        await stage.PostAsync(5, 5);

        foreach (var (path, tries) in new[] { ("/json", 2), ("/geojson", 1), ("/js", 1) })
        {
            await host.At(path).WaitUntilAsync(all => all.HaveUpTo(5));
            host.At(path).Deliveries[1 + tries].Numbers().ShouldBe([5], path);
        }

        // Retention has removed an update that was not delivered yet.
        await stage.UntilExpressAsync(host.At("/json"), 5);
        await stage.WriteAsync(async context =>
        {
            await context.Cursors.Where(cursor => cursor.FeedId == stage.FeedId).ExecuteUpdateAsync(
                set => set.SetProperty(cursor => cursor.GapFrom, 6).SetProperty(cursor => cursor.GapTo, 6)
                    .SetProperty(cursor => cursor.Lane, Lane.CatchUp)
                    .SetProperty(cursor => cursor.DueAt, TimeProvider.System.GetUtcNow()), Cancel);
        });
        await stage.PostAsync(6, 6);
        await host.At("/geojson").WaitUntilAsync(all => all.HaveUpTo(6));
        var gap = host.At("/geojson").Deliveries[^1];
        gap.Header("Hub-Gap").ShouldBe("6-6");
        gap.Numbers().ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Theory, BothDatabases]
    public async Task One_update_of_24_bytes_to_a_hundred_webhooks_at_one_host_stays_within_the_bound_and_nothing_is_cut(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["HostBytes:WebhookMebibytesPerHour"] = "4");
        await using var victim = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 50, padding: 8_000);
        for (var i = 0; i < 100; i++)
        {
            using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, victim.Url($"/index.html?{i}"));
            made.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await Eventually.ShouldAsync(
            () =>
                stage.ReadAsync(
                    async context =>
                        await context.Subscriptions.CountAsync(
                            row => row.FeedId == stage.FeedId && row.State == SubscriptionState.Active, Cancel) == 100),
            TimeSpan.FromMinutes(1));
        var path = victim.At("/index.html");
        var before = path.Deliveries.Count;
        var started = TimeProvider.System.GetTimestamp();

        await stage.Phone.PostAsync("""{"id":"u51","kind":"a"}""");

        // Every webhook had its turn: it was sent its document, or it waits for its bytes.
        await Eventually.ShouldAsync(
            () => stage.ReadAsync(async context =>
            {
                var cursors = await context.Cursors.AsNoTracking().Where(cursor => cursor.FeedId == stage.FeedId).ToListAsync(Cancel);
                return cursors.TrueForAll(
                    cursor =>
                        cursor.Position == 51 ||
                            (cursor.Position == 50 && cursor.Notes.HasFlag(CursorNotes.Paced) && cursor.LeaseId == null));
            }),
            TimeSpan.FromMinutes(1));
        var hours = TimeProvider.System.GetElapsedTime(started).TotalHours;
        var deliveries = path.Deliveries.Skip(before).ToList();
        deliveries.Sum(delivery => (long)delivery.Body.Length).ShouldBeLessThanOrEqualTo((long)(2 * Mebibyte * (1 + hours)));
        deliveries.Count.ShouldBeInRange(3, 10);
        // The full contents; the new update has no data and therefore no number.
        deliveries.Select(delivery => delivery.Numbers().Count).Distinct().ShouldBe([49]);
        var waiting = (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).Where(one => one.Cursor == "50").ToList();
        waiting.Count.ShouldBeGreaterThan(0);
        waiting.ShouldAllBe(one => one.Paced == true && one.State == "active" && one.NextAttempt != null && one.LastStatus == null);
    }

    [Theory, BothDatabases]
    public async Task What_waits_is_delivered_whole_and_in_order_once_there_are_bytes_for_it(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["HostBytes:WebhookMebibytesPerHour"] = "1";
            options.Settings["HostBytes:EchoedMebibytesPerHour"] = "1";
        });
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 20, padding: 8_000);
        var paths = Enumerable.Range(0, 8).Select(i => host.At($"/{i}")).ToList();
        foreach (var path in paths.Take(4))
        {
            await MakeAsync(stage, path, "json");
        }

        foreach (var path in paths.Skip(4))
        {
            await stage.SubscribeAsync(path, stage.Reader.Urls.Json);
        }

        await stage.PostAsync(21, 21);
        await Eventually.ShouldAsync(
            () =>
                stage.ReadAsync(
                    context =>
                        context.Cursors.AnyAsync(cursor => cursor.FeedId == stage.FeedId && cursor.Notes >= CursorNotes.Paced, Cancel)));
        await stage.PostAsync(22, 22);

        await Eventually.ShouldAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(5));
                return (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).All(one => one.Cursor == "22");
            },
            TimeSpan.FromMinutes(1));

        foreach (var path in paths)
        {
            var updates = path.Deliveries.Where(delivery => delivery.Header("Hub-Test") is null).ToList();
            updates[0].Numbers().Count.ShouldBeGreaterThanOrEqualTo(21, path.Url);
            updates.Select(delivery => delivery.Numbers()[^1]).ShouldBe(updates.Select(delivery => delivery.Numbers()[^1]).Order());
            updates[^1].Numbers()[^1].ShouldBe(22);
        }

        (await stage.Owner.SubscriptionsAsync(stage.Phone.Feed)).ShouldAllBe(one => one.Paced == false);
    }

    [Theory, BothDatabases]
    public async Task A_webhook_that_echoes_the_name_of_its_test_has_the_larger_bound(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["HostBytes:WebhookMebibytesPerHour"] = "1");
        await using var host = await CallbackListener.StartAsync();
        var echoes = CallbackReply.By(
            request => CallbackReply.Status(HttpStatusCode.OK, ("Hub-Delivery", request.Header("Hub-Delivery")!)));
        var another = CallbackReply.Status(HttpStatusCode.OK, ("Hub-Delivery", Guid.NewGuid().ToString()));
        await stage.PostAsync(1, 50, padding: 8_000);
        for (var i = 0; i < 5; i++)
        {
            host.At($"/echoes/{i}").Answers(echoes);
            await MakeAsync(stage, host.At($"/echoes/{i}"), "json");
            host.At($"/another/{i}").Answers(another);
            await MakeAsync(stage, host.At($"/another/{i}"), "json");
        }

        await stage.PostAsync(51, 51);

        for (var i = 0; i < 5; i++)
        {
            (await host.At($"/echoes/{i}").WaitForAsync(2))[1].Numbers().Count.ShouldBe(50);
        }

        await Eventually.ShouldAsync(() => stage.ReadAsync(async context =>
            await context.Cursors.CountAsync(
                cursor => cursor.FeedId == stage.FeedId && cursor.Notes >= CursorNotes.Paced && cursor.Position == 50, Cancel) == 4));
    }

    private static async Task MakeAsync(Stage stage, CallbackPath path, string format)
    {
        using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, path.Url, format: format);
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, path.Url);
    }
}
