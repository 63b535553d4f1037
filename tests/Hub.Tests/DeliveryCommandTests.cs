using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>
/// What an owner asks of deliveries and sees of them, with a hub that plays no workers: a wish is what is written on the rows.
/// </summary>
public sealed class DeliveryCommandTests
{
    private const string Callback = "http://127.0.0.1:9/cb";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_replay_is_written_down_for_whoever_delivers(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);
        await scene.Device.PostAsync("""[{"kind":"geo"},{"kind":"geo"},{"kind":"geo"}]""");
        var woken = new List<Signal>();
        using var listening = scene.Hub.Services.GetRequiredService<LedgerSignals>().Listen(woken.Add);

        var first = await AskAsync(scene, id, "replay", new { from = 2 }, HttpStatusCode.Accepted);
        (await scene.CursorAsync(id)).ReplayAfter.ShouldBe(1);
        var newest = await AskAsync(scene, id, "replay", new { from = 4 }, HttpStatusCode.Accepted);

        first.GetProperty("replayAfter").GetInt64().ShouldBe(1);
        newest.GetProperty("replayAfter").GetInt64().ShouldBe(3);
        var cursor = await scene.CursorAsync(id);
        (cursor.ReplayAfter, cursor.Position).ShouldBe((3, 0));
        woken.ShouldContain(new Signal(SignalKind.Subscriptions, scene.FeedId));
    }

    [Fact]
    public async Task A_replay_from_nowhere_says_what_was_found_and_what_to_send()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await scene.ConfirmAsync(Callback);
        await scene.Device.PostAsync("""{"kind":"geo"}""");

        var beyond = await AskAsync(scene, id, "replay", new { from = 3 }, HttpStatusCode.BadRequest);
        beyond.GetProperty("detail").GetString().ShouldBe("from is 3, and the newest update of the feed is 1; send a seq from 1 to 2.");
        foreach (var (from, found) in new (object?, string)[] { (0, "from is 0;"), (-7, "from is -7;"), (1.5, "from is 1.5;"),
            ("two", "from is a text;"), (null, "missing") })
        {
            var problem = await AskAsync(scene, id, "replay", new { from }, HttpStatusCode.BadRequest);
            problem.GetProperty("detail").GetString()!.ShouldContain(found);
            problem.GetProperty("detail").GetString()!.ShouldContain("a whole number from 1");
        }

        (await scene.CursorAsync(id)).ReplayAfter.ShouldBeNull();
    }

    // The gap is told by whoever delivers.
    [Fact]
    public async Task A_replay_from_what_retention_has_removed_is_taken()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await scene.ConfirmAsync(Callback);
        await scene.Device.PostAsync("""[{"kind":"geo"},{"kind":"geo"}]""");
        await scene.WriteAsync(context => context.Feeds.ExecuteUpdateAsync(set => set.SetProperty(feed => feed.Pruned, 2), Cancel));

        await AskAsync(scene, id, "replay", new { from = 1 }, HttpStatusCode.Accepted);

        (await scene.CursorAsync(id)).ReplayAfter.ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task Resuming_forgets_failures_in_the_catch_up_lane_and_changes_nothing_in_express(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);
        var now = TimeProvider.System.GetUtcNow();
        await FailAsync(scene, id, now.AddDays(-6), now.AddHours(1), Lane.CatchUp);
        (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).Single().State.ShouldBe("suspended");

        var answer = await AskAsync(scene, id, "resume", null, HttpStatusCode.Accepted);

        answer.GetProperty("state").GetString().ShouldBe("active");
        var cursor = await scene.CursorAsync(id);
        (cursor.Failures, cursor.FailingSince, cursor.Refusals, cursor.BatchLimit).ShouldBe((0, null, (short)0, null));
        cursor.DueAt!.Value.ShouldBe(now, TimeSpan.FromMinutes(1));
        cursor.LastStatus.ShouldBe((short)500);

        await FailAsync(scene, id, null, null, Lane.Express);
        await AskAsync(scene, id, "resume", null, HttpStatusCode.Accepted);
        cursor = await scene.CursorAsync(id);
        (cursor.Lane, cursor.DueAt).ShouldBe((Lane.Express, null));
    }

    [Theory, BothDatabases]
    public async Task Parked_updates_are_listed_asked_for_and_given_up(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);
        await scene.ParkAsync(id, 3, 5, 9);
        var path = $"/api/subscriptions/{OpaqueId.Format(id)}/parked";

        var first = await scene.Owner.Http.GetFromJsonAsync<JsonElement>($"{path}?limit=2", Cancel);
        var rest = await scene.Owner.Http.GetFromJsonAsync<JsonElement>(first.GetProperty("next").GetString(), Cancel);
        Seqs(first).ShouldBe([3, 5]);
        Seqs(rest).ShouldBe([9]);
        rest.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        var one = rest.GetProperty("items")[0];
        (
            one.GetProperty("status").GetInt32(), one.GetProperty("error").GetString(), one.GetProperty("answer").GetString(),
            one.GetProperty("wanted").ValueKind)
            .ShouldBe((422, "It answered 422.", "no <b>such</b> field", JsonValueKind.Null));

        (await AskAsync(scene, id, "parked/5/redeliver", null, HttpStatusCode.Accepted)).GetProperty("parked").GetInt32().ShouldBe(3);
        (await scene.CursorAsync(id)).Redeliver.ShouldBeTrue();
        (await WantedAsync(scene)).ShouldBe([5]);
        await AskAsync(scene, id, "parked/4/redeliver", null, HttpStatusCode.NotFound);
        await AskAsync(scene, id, "parked/nonsense/redeliver", null, HttpStatusCode.NotFound);

        await AskAsync(scene, id, "redeliver", null, HttpStatusCode.Accepted);
        (await WantedAsync(scene)).ShouldBe([3, 5, 9]);

        using var dropped = await scene.Owner.Http.DeleteAsync($"{path}/3", Cancel);
        using var again = await scene.Owner.Http.DeleteAsync($"{path}/3", Cancel);
        dropped.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await scene.CursorAsync(id)).Parked.ShouldBe(2);
        (await WantedAsync(scene)).ShouldBe([5, 9]);
    }

    [Fact]
    public async Task Asking_for_parked_updates_where_there_are_none_changes_nothing()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await scene.ConfirmAsync(Callback);

        await AskAsync(scene, id, "redeliver", null, HttpStatusCode.Accepted);

        (await scene.CursorAsync(id)).Redeliver.ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task What_has_ended_takes_no_wishes_and_what_was_parked_for_it_is_gone(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);
        await scene.ParkAsync(id, 1);

        using var ended = await scene.Owner.Http.DeleteAsync($"/api/subscriptions/{OpaqueId.Format(id)}", Cancel);

        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await scene.ReadAsync(context => context.ParkedUpdates.AnyAsync(Cancel))).ShouldBeFalse();
        foreach (var (action, body) in new (string, object?)[] { ("replay", new { from = 1 }), ("resume", null), ("redeliver", null),
            ("parked/1/redeliver", null) })
        {
            var problem = await AskAsync(scene, id, action, body, HttpStatusCode.Conflict);
            problem.GetProperty("detail").GetString().ShouldBe("This subscription is denied: nothing is delivered to it any more.");
        }

        await AskAsync(scene, id, "replay", new { from = 0 }, HttpStatusCode.BadRequest);
    }

    // A lease is over when it is over, whether or not a chore has come by.
    [Fact]
    public async Task A_lease_that_has_run_out_takes_no_wishes()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await scene.ConfirmAsync(Callback);
        await scene.WriteAsync(context => context.Subscriptions.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.LeaseUntil, TimeProvider.System.GetUtcNow().AddSeconds(-1)), Cancel));

        var problem = await AskAsync(scene, id, "resume", null, HttpStatusCode.Conflict);

        problem.GetProperty("detail").GetString()!.ShouldContain("expired");
    }

    [Theory, BothDatabases]
    public async Task The_owner_sees_gap_parked_replay_and_suspension(Database database)
    {
        await using var scene = await Scene.SetAsync(database);
        var id = await scene.ConfirmAsync(Callback);
        var now = TimeProvider.System.GetUtcNow();
        await FailAsync(scene, id, now.AddDays(-5).AddSeconds(-1), now.AddMinutes(30), Lane.CatchUp);
        await scene.WriteAsync(context => context.Cursors.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.GapFrom, 3).SetProperty(row => row.GapTo, 7).SetProperty(row => row.ReplayAfter, 2), Cancel));
        await scene.ParkAsync(id, 8);

        var seen = await scene.Owner.Http.GetFromJsonAsync<JsonElement>($"/api/subscriptions/{OpaqueId.Format(id)}", Cancel);
        var listed = (await scene.Owner.Http.GetFromJsonAsync<JsonElement>($"/api/feeds/{scene.Device.Feed}/subscriptions", Cancel))
            .GetProperty("items")[0];

        seen.GetRawText().ShouldBe(listed.GetRawText());
        seen.GetProperty("state").GetString().ShouldBe("suspended");
        (seen.GetProperty("gap").GetProperty("from").GetInt64(), seen.GetProperty("gap").GetProperty("to").GetInt64()).ShouldBe((3, 7));
        (
            seen.GetProperty("parked").GetInt32(), seen.GetProperty("replayAfter").GetInt64(),
            seen.GetProperty("lastStatus").GetInt32()).ShouldBe((1, 2, 500));
        seen.GetProperty("nextAttempt").GetDateTimeOffset().ShouldBe(now.AddMinutes(30), TimeSpan.FromMilliseconds(1));

        await FailAsync(scene, id, now.AddDays(-5).AddMinutes(5), now, Lane.CatchUp);
        (await scene.Owner.SubscriptionsAsync(scene.Device.Feed)).Single().State.ShouldBe("active");
    }

    [Fact]
    public async Task What_is_somebody_elses_is_not_there()
    {
        await using var scene = await Scene.SetAsync(Database.Sqlite);
        var id = await scene.ConfirmAsync(Callback);
        await scene.ParkAsync(id, 1);
        var stranger = await scene.Hub.SignUpAsync();
        var path = $"/api/subscriptions/{OpaqueId.Format(id)}";

        foreach (var (method, url) in new[]
        {
            (HttpMethod.Get, path), (HttpMethod.Get, $"{path}/parked"), (HttpMethod.Post, $"{path}/resume"),
            (HttpMethod.Post, $"{path}/redeliver"), (HttpMethod.Post, $"{path}/parked/1/redeliver"),
            (HttpMethod.Delete, $"{path}/parked/1"),
        })
        {
            using var request = new HttpRequestMessage(method, url);
            using var answer = await stranger.Http.SendAsync(request, Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, url);
        }

        using var replay = await stranger.Http.PostAsJsonAsync($"{path}/replay", new { from = 1 }, Cancel);
        replay.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await scene.ReadAsync(context => context.ParkedUpdates.CountAsync(row => row.WantedAt == null, Cancel))).ShouldBe(1);
    }

    private static async Task<JsonElement> AskAsync(Scene scene, long id, string action, object? body, HttpStatusCode expected)
    {
        using var answer = await scene.Owner.Http.PostAsync(
            $"/api/subscriptions/{OpaqueId.Format(id)}/{action}", body is null ? null : JsonContent.Create(body), Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }

    private static Task FailAsync(Scene scene, long id, DateTimeOffset? since, DateTimeOffset? dueAt, Lane lane) =>
        scene.WriteAsync(context =>
        context.Cursors.Where(row => row.SubscriptionId == id).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.FailingSince, since).SetProperty(row => row.Failures, since == null ? 0 : 40)
                .SetProperty(row => row.DueAt, dueAt).SetProperty(row => row.Lane, lane).SetProperty(row => row.Refusals, (short)2)
                .SetProperty(row => row.BatchLimit, (short?)4).SetProperty(row => row.LastStatus, (short?)500),
            Cancel));

    private static IEnumerable<long> Seqs(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("seq").GetInt64());

    private static Task<List<long>> WantedAsync(Scene scene) => scene.ReadAsync(context =>
        context.ParkedUpdates.Where(row => row.WantedAt != null).Select(row => row.Seq).OrderBy(seq => seq).ToListAsync(Cancel));
}
