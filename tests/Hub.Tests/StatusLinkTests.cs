using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>What a subscriber sees and does over its own link.</summary>
public sealed class StatusLinkTests
{
    private const string Callback = "http://127.0.0.1:9/cb";
    private const string Browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task It_shows_gap_parked_and_suspension_in_numbers_where_the_view_hides_nothing(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await SetBackAsync(scene);

        var status = await scene.Hub.Http.GetFromJsonAsync<JsonElement>(scene.StatusLink(id), Cancel);

        status.GetProperty("state").GetString().ShouldBe("suspended");
        (status.GetProperty("gap").GetProperty("from").GetInt64(), status.GetProperty("gap").GetProperty("to").GetInt64()).ShouldBe((3, 7));
        (status.GetProperty("replayAfter").GetInt64(), status.GetProperty("parked").GetInt32()).ShouldBe((2, 2));
        var parked = status.GetProperty("parkedUpdates");
        parked.EnumerateArray().Select(one => one.GetProperty("seq").GetInt64()).ShouldBe([8, 9]);
        parked[0].GetProperty("answer").GetString().ShouldBe("no <b>such</b> field");
        status.GetProperty("leaseUntil").ValueKind.ShouldBe(JsonValueKind.String);
    }

    // docs/http-api.md: the gaps of plain numbers would tell a reader of one kind that others happened.
    [Fact]
    public async Task Where_the_view_hides_something_there_is_no_number_to_be_seen()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await SetBackAsync(scene);
        await scene.WriteAsync(context => context.Grants.ExecuteUpdateAsync(set => set.SetProperty(grant => grant.Kinds, "geo"), Cancel));

        var status = await scene.Hub.Http.GetFromJsonAsync<JsonElement>(scene.StatusLink(id), Cancel);

        status.GetProperty("gap").ValueKind.ShouldBe(JsonValueKind.True);
        foreach (var position in new[] { status.GetProperty("replayAfter"), status.GetProperty("parkedUpdates")[0].GetProperty("seq") })
        {
            position.GetString()!.Length.ShouldBe(22);
        }

        // The cursor passes what is hidden, and its lane waits for what is delayed: told is only what the callback itself has accepted,
        // which is nothing yet.
        foreach (var name in new[] { "cursor", "lane", "behind" })
        {
            status.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Null);
        }

        (await PageAsync(scene, id)).ShouldContain("<dt>Gap</dt><dd>yes</dd>");
    }

    [Theory, BothDatabases]
    public async Task Its_holder_asks_for_what_was_parked(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await SetBackAsync(scene);

        using var answer = await scene.Hub.Http.PostAsync(scene.StatusLink(id, "/redeliver"), null, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("parkedUpdates")[1].GetProperty("wanted").ValueKind
            .ShouldBe(JsonValueKind.String);
        (await scene.CursorAsync(id)).Redeliver.ShouldBeTrue();
        (await scene.ReadAsync(context => context.ParkedUpdates.CountAsync(row => row.WantedAt != null, Cancel))).ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task Its_holder_has_it_tried_now_but_not_again_and_again(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await SetBackAsync(scene);

        using var answer = await scene.Hub.Http.PostAsync(scene.StatusLink(id, "/resume"), null, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var cursor = await scene.CursorAsync(id);
        (cursor.Failures, cursor.FailingSince).ShouldBe((0, null));
        cursor.DueAt!.Value.ShouldBeLessThanOrEqualTo(TimeProvider.System.GetUtcNow());

        // It was tried, and failed.
        var dueAt = TimeProvider.System.GetUtcNow().AddMinutes(5);
        await scene.WriteAsync(async context =>
        {
            context.Attempts.Add(new Attempt
            {
                Bucket = cursor.Bucket,
                FeedId = cursor.FeedId,
                SubscriptionId = id,
                Id = Guid.CreateVersion7(),
                At = TimeProvider.System.GetUtcNow(),
                FromSeq = 1,
                ToSeq = 1,
                Status = 500,
            });
            await context.SaveChangesAsync(Cancel);
            await context.Cursors.ExecuteUpdateAsync(set => set.SetProperty(row => row.DueAt, dueAt), Cancel);
        });

        using var soon = await scene.Hub.Http.PostAsync(scene.StatusLink(id, "/resume"), null, Cancel);

        soon.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        soon.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        (await scene.CursorAsync(id)).DueAt!.Value.ShouldBe(dueAt, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_browser_finds_buttons_and_is_sent_back_to_the_page()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await SetBackAsync(scene);

        var page = await PageAsync(scene, id);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, scene.StatusLink(id, "/redeliver"))
        { Headers = { { "Accept", Browser } } };
        using var answer = await scene.Hub.Http.SendAsync(request, Cancel);

        var target = $"{OpaqueId.Format(id)}/redeliver?key=";
        page.ShouldContain($"<form method=\"post\" action=\"{target}");
        page.ShouldContain("no &lt;b&gt;such&lt;/b&gt; field");
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        new Uri(new Uri(scene.Hub.BaseUrl + scene.StatusLink(id, "/redeliver")), answer.Headers.Location!).PathAndQuery.ShouldBe(
            scene.StatusLink(id));
    }

    [Fact]
    public async Task Nobody_acts_without_the_key_and_nothing_is_done_for_what_has_ended()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await SetBackAsync(scene);
        foreach (var action in new[] { "/resume", "/redeliver" })
        {
            using var wrong = await scene.Hub.Http.PostAsync(scene.StatusLink(id, action) + "x", null, Cancel);
            using var none = await scene.Hub.Http.PostAsync($"/subscriptions/{OpaqueId.Format(id)}{action}", null, Cancel);
            wrong.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await scene.CursorAsync(id)).Failures.ShouldBe(40);
        using var ended = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{OpaqueId.Format(id)}", Cancel);
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        foreach (var action in new[] { "/resume", "/redeliver" })
        {
            using var late = await scene.Hub.Http.PostAsync(scene.StatusLink(id, action), null, Cancel);
            late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        }

        (await PageAsync(scene, id)).ShouldNotContain("<form");
    }

    /// <summary>A subscription that fails for days, with a gap, a replay and two parked updates.</summary>
    private static async Task<long> SetBackAsync(Scene scene)
    {
        var id = await scene.ConfirmAsync(Callback);
        var now = TimeProvider.System.GetUtcNow();
        await scene.WriteAsync(context => context.Cursors.ExecuteUpdateAsync(
            set =>
                set.SetProperty(row => row.FailingSince, now.AddDays(-6)).SetProperty(row => row.Failures, 40)
                    .SetProperty(row => row.DueAt, now.AddHours(1))
                    .SetProperty(row => row.GapFrom, 3).SetProperty(row => row.GapTo, 7).SetProperty(row => row.ReplayAfter, 2),
            Cancel));
        await scene.ParkAsync(id, 8, 9);
        return id;
    }

    private static async Task<string> PageAsync(Scene scene, long id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, scene.StatusLink(id)) { Headers = { { "Accept", Browser } } };
        using var page = await scene.Hub.Http.SendAsync(request, Cancel);
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self'");
        return await page.Content.ReadAsStringAsync(Cancel);
    }
}
