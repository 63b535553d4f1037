using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>What an owner is told, as it can be read; who writes it is tested with the workers.</summary>
public sealed class NoticeTests
{
    private const string Callback = "http://127.0.0.1:9/cb";
    private static readonly DateTimeOffset About = new(2026, 11, 23, 8, 15, 30, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Notices_come_newest_first_in_words_and_page_by_page(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);
        for (var kind = NoticeKind.Failing; kind <= NoticeKind.Ended; kind++)
        {
            (await TellAsync(scene, id, kind, (int)kind)).ShouldBeTrue();
        }

        var first = await scene.Owner.Http.GetFromJsonAsync<JsonElement>($"/api/notices?feed={scene.Device.Feed}&limit=3", Cancel);
        var next = first.GetProperty("next").GetString()!;
        var rest = await scene.Owner.Http.GetFromJsonAsync<JsonElement>(next, Cancel);

        next.ShouldContain($"feed={scene.Device.Feed}");
        Kinds(first).ShouldBe(["ended", "parked", "leaseEnding"]);
        Kinds(rest).ShouldBe(["suspended", "failing"]);
        var failing = rest.GetProperty("items")[1];
        (
            failing.GetProperty("subscription").GetString(), failing.GetProperty("callback").GetString(),
            failing.GetProperty("feed").GetString())
            .ShouldBe((OpaqueId.Format(id), Callback, scene.Device.Feed));
        failing.GetProperty("about").GetDateTimeOffset().ShouldBe(About);
        failing.GetProperty("message").GetString().ShouldBe(
            $"Deliveries have failed since 2026-11-23 08:15:30 UTC. The hub goes on trying; GET "
            + $"/api/subscriptions/{OpaqueId.Format(id)}/attempts shows what the callback answers.");
        foreach (var notice in first.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()))
        {
            notice.GetProperty("message").GetString()!.ShouldContain("2026-11-23 08:15:30 UTC");
        }

        using var browser = new AccountsBrowser(scene.Hub);
        await browser.SignInAsync(scene.Owner.Email, scene.Owner.Password);
        var page = await browser.PageAsync("/notices");
        page.ShouldContain($"<a href=\"/devices/{scene.Device.Id}/subscriptions/{OpaqueId.Format(id)}\">{Callback}</a>");
        page.ShouldContain(">lease ends</span>");
        page.Split("<li>").Length.ShouldBe(6);
    }

    [Theory, BothDatabases]
    public async Task A_notice_is_told_once_and_its_end_says_why(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);

        (await TellAsync(scene, id, NoticeKind.Ended)).ShouldBeTrue();
        (await TellAsync(scene, id, NoticeKind.Ended)).ShouldBeFalse();
        await scene.WriteAsync(context => context.Subscriptions.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, SubscriptionState.Gone).SetProperty(row => row.EndedAt, About), Cancel));

        var notice = (await scene.Owner.Http.GetFromJsonAsync<JsonElement>("/api/notices", Cancel)).GetProperty("items").EnumerateArray()
            .Single();
        notice.GetProperty("message").GetString()!.ShouldContain("the callback answered 410");

        await scene.WriteAsync(context => context.Subscriptions.ExecuteDeleteAsync(Cancel));
        notice = (await scene.Owner.Http.GetFromJsonAsync<JsonElement>("/api/notices", Cancel)).GetProperty("items").EnumerateArray()
            .Single();
        notice.GetProperty("callback").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Nobody_reads_the_notices_of_another_and_they_go_with_the_feed()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await scene.ConfirmAsync(Callback);
        await TellAsync(scene, id, NoticeKind.Failing);
        await scene.ParkAsync(id, 1);
        var stranger = await scene.Hub.SignUpAsync();

        (await stranger.Http.GetFromJsonAsync<JsonElement>("/api/notices", Cancel)).GetProperty("items").GetArrayLength().ShouldBe(0);
        using var foreign = await stranger.Http.GetAsync($"/api/notices?feed={scene.Device.Feed}", Cancel);
        using var anonymous = await scene.Hub.Http.GetAsync("/api/notices", Cancel);
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        anonymous.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var removed = await scene.Owner.Http.DeleteAsync($"/api/devices/{scene.Device.Id}", Cancel);

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.ReadAsync(context => context.Notices.AnyAsync(Cancel))).ShouldBeFalse();
        (await scene.ReadAsync(context => context.ParkedUpdates.AnyAsync(Cancel))).ShouldBeFalse();
    }

    private static IEnumerable<string?> Kinds(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("kind").GetString());

    private static async Task<bool> TellAsync(Scene scene, long id, NoticeKind kind, int second = 0)
    {
        var added = false;
        var at = About.AddDays(1).AddSeconds(second);
        await scene.WriteAsync(async context =>
        {
            var account = await context.Feeds.Where(feed => feed.Id == scene.FeedId).Select(feed => feed.AccountId).SingleAsync(Cancel);
            added = await context.TryAddAsync(
                new Notice
                {
                    Bucket = OpaqueId.BucketOf(scene.FeedId),
                    FeedId = scene.FeedId,
                    SubscriptionId = id,
                    Kind = kind,
                    About = About,
                    Id = Guid.CreateVersion7(at),
                    AccountId = account,
                    At = at,
                },
                Cancel);
        });
        return added;
    }
}
