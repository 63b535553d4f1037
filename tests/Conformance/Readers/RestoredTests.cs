using System.Net;
using System.Text.Json;
using ActivityHub.Conformance.Streams;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Readers;

/// <summary>A restored hub assigns numbers again that readers already have. No reader misses the updates with these numbers.</summary>
public sealed class RestoredTests
{
    [Theory, BothDatabases]
    public async Task After_a_restore_a_reader_gets_what_took_its_numbers_and_is_told(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        var narrow = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Kinds = ["battery"] });
        await scene.PostEachAsync([.. Enumerable.Range(1, 10).Select(i => $"old{i}")]);
        var opaque = Seqs(await hub.Http.JsonAsync($"{narrow.Urls.Json}&limit=1")).Single();

        await RestoreAsync(hub, scene.Feed, head: 5);
        await scene.PostEachAsync([.. Enumerable.Range(6, 7).Select(i => $"new{i}")]);

        string[] all = [.. Enumerable.Range(6, 7).Select(i => $"new{i}")];
        foreach (var (query, gap, ids) in new[]
        {
            ("after=10", "6-10", all), ("after=10-1", "6-10", all), ("after=5", null, all), ("after=4", null, ["old5", .. all]),
            ("after=10-2", null, ["new11", "new12"]), ("after=13-2", "13-13", []),
            ("before=10", "6-10", ["old5", "old4", "old3", "old2", "old1"]),
        })
        {
            using var answer = await hub.Http.AskAsync(scene.Keyed("json") + "&" + query);
            var document = await answer.JsonAsync();
            Ids(document).ShouldBe(query.StartsWith("after", StringComparison.Ordinal) ? ids.Reverse() : ids, ignoreOrder: true, query);
            (answer.Headers.TryGetValues("Hub-Gap", out var told) ? told.Single() : null).ShouldBe(gap, query);
        }

        var page = await hub.Http.JsonAsync(scene.Keyed("json") + "&limit=2&after=10");
        Seqs(page).ShouldBe(["6-2", "7-2"], ignoreOrder: true);
        page.GetProperty("next_url").GetString()!.ShouldEndWith("after=7-2");
        using (var hidden = await hub.Http.AskAsync($"{narrow.Urls.Json}&after={opaque}"))
        {
            (await hidden.JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(7);
            hidden.Headers.GetValues("Hub-Gap").ShouldBe(["yes"]);
        }

        await using (var stream = await EventStream.OpenAsync(hub.Http, scene.Grant.Urls.Stream, "10"))
        {
            (await stream.NextOfAsync("gap")).Id.ShouldBe("5-2");
            (await stream.NextAsync()).Id.ShouldBe("6-2");
        }

        using var lost = await hub.Http.AskAsync($"/feeds/{scene.Feed}/updates/10?key={scene.Grant.Key}");
        lost.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await hub.Http.JsonAsync($"/feeds/{scene.Feed}/updates/10-2?key={scene.Grant.Key}")).GetProperty("id").GetString()
            .ShouldBe("new10");
        (await hub.Http.JsonAsync($"/feeds/{scene.Feed}/updates/5?key={scene.Grant.Key}")).GetProperty("id").GetString().ShouldBe("old5");
    }

    [Theory, BothDatabases]
    public async Task After_a_restore_deliveries_and_owners_name_updates_by_number_and_generation(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        await scene.PostEachAsync([.. Enumerable.Range(1, 10).Select(i => $"old{i}")]);
        await RestoreAsync(hub, scene.Feed, head: 5);
        await scene.PostEachAsync("new6", "new7");
        await using var host = await CallbackListener.StartAsync();

        // First in the catch-up lane, then in the express lane.
        await scene.SubscribeAsync(scene.Grant.Urls.Json, host.Url(), after: "10");
        await host.WaitUntilAsync(all => all.Any(post => post.Header("Hub-Updates")?.EndsWith("-7-2", StringComparison.Ordinal) == true));
        await Eventually.ShouldAsync(async () => (await scene.SubscriptionAsync(host.Url()))!.Lane == "express");
        await scene.PostEachAsync("new8");
        await host.WaitUntilAsync(all => all.Any(post => post.Header("Hub-Updates") == "8-2-8-2"));
        host.Deliveries[0].Header("Hub-Updates")!.ShouldStartWith("6-2-");
        host.Deliveries[0].Header("Hub-Gap").ShouldBe("6-10");
        host.Deliveries[^1].Header("Hub-Gap").ShouldBeNull();

        var subscription = (await scene.SubscriptionAsync(host.Url()))!.Id;
        var before = host.Deliveries.Count;
        using (var replay = await scene.Owner.Http.PostJsonAsync($"/api/subscriptions/{subscription}/replay", """{"from":"8-2"}"""))
        {
            replay.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        await host.WaitUntilAsync(all => all.Count(post => post.Header("Hub-Updates") == "8-2-8-2") >= 2);

        using var lost = await scene.Owner.Http.DeleteAsync($"/api/feeds/{scene.Feed}/updates/7", Cancel);
        using var found = await scene.Owner.Http.DeleteAsync($"/api/feeds/{scene.Feed}/updates/7-2", Cancel);
        (lost.StatusCode, found.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.NoContent));
        using var stored = await hub.HttpAs(scene.Phone.Key).PostJsonAsync($"/feeds/{scene.Feed}/updates", """{"kind":"x"}""");
        stored.Headers.Location!.ToString().ShouldEndWith("/updates/10-2");
    }

    // Simulates the restore of a backup: the log ends earlier, and the next generation has begun.
    private static async Task RestoreAsync(HubApp hub, string feed, long head)
    {
        OpaqueId.TryParse(feed, out var feedId).ShouldBeTrue();
        await using (var context = await hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Updates.Where(row => row.FeedId == feedId && row.Seq > head).ExecuteDeleteAsync(Cancel);
            await context.Feeds.Where(row => row.Id == feedId).ExecuteUpdateAsync(set => set.SetProperty(row => row.Head, head), Cancel);
            await context.FeedShards.Where(row => row.FeedId == feedId)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Head, head), Cancel);
            (await LogGeneration.RaiseAsync(context, above: 0, TimeProvider.System.GetUtcNow(), Cancel)).ShouldBe(2);
        }

        await hub.RestartAsync();
    }

    private static string?[] Ids(JsonElement document) =>
        [.. document.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update").GetProperty("id").GetString())];

    private static string[] Seqs(JsonElement document) =>
        [.. document.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update").GetProperty("seq").ToString())];
}
