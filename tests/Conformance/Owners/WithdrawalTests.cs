using System.Net;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>An update that an owner withdraws is deleted, and its recipients are informed.</summary>
public sealed class WithdrawalTests(SharedHubs hubs)
{
    private const string Update =
        """{"id":"mine-1","kind":"geo","title":"At the dentist","location":{"lat":52.123456,"lon":13.654321},"data":{"street":"Main Street 5"}}""";

    [Theory, BothDatabases]
    public async Task Readers_and_subscribers_get_a_tombstone_and_nothing_of_the_content(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.Phone.PostAsync(Update);
        await scene.Phone.PostAsync("""{"kind":"battery"}""");
        var first = await callback.WaitForAsync(request => request.Text.Contains("dentist", StringComparison.Ordinal));
        var entry = first.Text.Split("<entry><id>").Single(part => part.Contains("dentist", StringComparison.Ordinal)).Split("</id>")[0];

        await WithdrawAsync(scene, 1, HttpStatusCode.NoContent);

        foreach (var format in new[] { "atom", "rss", "json", "geojson" })
        {
            var document = await scene.Hub.GetStringAsync(scene.Keyed(format));
            document.ShouldNotContain("dentist");
            document.ShouldNotContain("52.12");
            document.ShouldNotContain("Main Street");
            document.ShouldContain(entry);
        }

        (await scene.Hub.GetStringAsync(scene.Topic)).ShouldContain($"<at:deleted-entry ref=\"{entry}\"");
        (await callback.WaitForAsync(request => request.Text.Contains("at:deleted-entry", StringComparison.Ordinal))).Text.ShouldContain(
            entry);
        using var gone = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}/updates/1?key={scene.Grant.Key}");
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await WithdrawAsync(scene, 1, HttpStatusCode.NotFound);
        await WithdrawAsync(scene, 3, HttpStatusCode.NotFound);
    }

    // Copies of a place are in the updates that were judged by it, and in the feed's row.
    [Theory, BothDatabases]
    public async Task Of_a_place_that_is_taken_back_no_copy_is_left(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.Phone.PostAsync("[" + Update + """,{"kind":"network","data":{"ssid":"x"}}]""");
        var contexts = scene.Hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>();
        OpaqueId.TryParse(scene.Feed, out var feedId).ShouldBeTrue();
        (await CopiesAsync()).ShouldBe((52.123456, 52.123456));

        await WithdrawAsync(scene, 1, HttpStatusCode.NoContent);

        (await CopiesAsync()).ShouldBe((null, null));

        async Task<(double? Judged, double? Seen)> CopiesAsync()
        {
            await using var context = await contexts.CreateDbContextAsync(Cancel);
            var judged = await context.Updates.AsNoTracking().Where(row => row.FeedId == feedId && row.Seq == 2)
                .Select(row => row.JudgedLat).SingleAsync(Cancel);
            var place = await context.Feeds.AsNoTracking().Where(row => row.Id == feedId).Select(row => row.Place).SingleAsync(Cancel);
            return (judged, FeedPlace.Read(place).Seen?.Lat);
        }
    }

    [Theory, BothDatabases]
    public async Task The_phones_next_try_does_not_bring_it_back_and_who_could_not_see_it_hears_nothing(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var other = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Kinds = ["battery"] });
        await scene.Phone.PostAsync("""{"kind":"battery"}""");
        await scene.Phone.PostAsync(Update);
        var before = await scene.Hub.GetStringAsync(other.Urls.Atom);

        await WithdrawAsync(scene, 2, HttpStatusCode.NoContent);
        await scene.Phone.PostAsync(Update);

        (await scene.Hub.GetStringAsync(other.Urls.Atom)).ShouldBe(before);
        (await scene.Hub.GetStringAsync(scene.Topic)).ShouldNotContain("dentist");
    }

    [Fact]
    public async Task It_is_for_the_owner_alone()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.Phone.PostAsync(Update);
        foreach (var key in new[] { scene.Phone.Key, scene.Grant.Key! })
        {
            using var refused = await scene.Hub.Http.SendAsync(
                HttpMethod.Delete, $"/api/feeds/{scene.Feed}/updates/1", null, ("Authorization", Bearer(key)));
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        var stranger = await scene.Hub.SignUpAsync();
        using var unknown = await stranger.Http.DeleteAsync($"/api/feeds/{scene.Feed}/updates/1", Cancel);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await scene.Hub.GetStringAsync(scene.Topic)).ShouldContain("dentist");
    }

    private static async Task WithdrawAsync(Scene scene, long seq, HttpStatusCode status)
    {
        using var answer = await scene.Owner.Http.DeleteAsync($"/api/feeds/{scene.Feed}/updates/{seq}", Cancel);
        answer.StatusCode.ShouldBe(status);
    }
}
