using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using ActivityHub.Workers.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Places;

/// <summary>Tests named places over HTTP, and the updates that a feed gets about them.</summary>
public sealed class PlaceConsumerTests(Hubs hubs)
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 20, 6, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Entering_and_leaving_a_named_place_are_updates_of_the_feed(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await DrawAsync(stage, "Home", 100);

        await stage.Phone.PostAsync("[" + string.Join(',', Point(0, 900), Point(1, 40), Point(2, 60), Point(3, 120), Point(4, 700)) + "]");

        var told = await EventsAsync(stage, 2);
        told.Select(Word).ShouldBe(["entered Home", "left Home"]);
        told.Select(update => update.GetProperty("at").GetDateTimeOffset()).ShouldBe([Morning.AddMinutes(1), Morning.AddMinutes(4)]);
        told[0].GetProperty("location").GetProperty("lat").GetDouble().ShouldBe(Lat(40), 1e-9);
        told[0].GetProperty("id").GetString()!.ShouldStartWith("place-");
        told[0].TryGetProperty("title", out _).ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task Whoever_dies_after_the_append_and_goes_through_it_again_tells_nothing_twice_and_leaves_nothing_out(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await DrawAsync(stage, "Home", 100);
        await DrawAsync(stage, "Town", 5_000);
        await stage.Phone.PostAsync("[" + string.Join(',', Point(0, 9_000), Point(1, 40), Point(2, 700)) + "]");
        (await EventsAsync(stage, 3)).Select(Word).Order().ShouldBe(["entered Home", "entered Town", "left Home"]);
        await UntilFollowedAsync(stage);

        // As if the process had died between the append and the following transaction.
        await stage.WriteAsync(async context =>
        {
            await context.Presences.Where(row => row.FeedId == stage.FeedId).ExecuteDeleteAsync(Cancel);
            await context.FeedConsumers.Where(row => row.FeedId == stage.FeedId)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.Cursor, 0).SetProperty(row => row.LeasedUntil, (DateTimeOffset?)null), Cancel);
        });
        var follower = stage.Hub.Services.GetRequiredService<PlaceConsumer>();
        await follower.FollowOnceAsync([stage.FeedId], Cancel);
        await follower.FollowOnceAsync([stage.FeedId], Cancel);
        await UntilFollowedAsync(stage);
        await stage.Phone.PostAsync(Point(3, 20));

        (await EventsAsync(stage, 4)).Select(Word).Order().ShouldBe(["entered Home", "entered Home", "entered Town", "left Home"]);
        (await stage.ReadAsync(context => context.Presences.CountAsync(row => row.FeedId == stage.FeedId && row.IsInside, Cancel)))
            .ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task Whoever_has_lost_the_lease_moves_nothing(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await DrawAsync(stage, "Home", 100);
        await stage.Phone.PostAsync(Point(0, 0));
        await EventsAsync(stage, 1);
        await UntilFollowedAsync(stage);

        await stage.WriteAsync(
            async context =>
                (await FeedConsumerClaims.MoveAsync(context, PlaceConsumers.Name, stage.FeedId, leaseId: 12345, cursor: 0))
                    .ShouldBeFalse());

        (await CursorAsync(stage)).ShouldBeGreaterThan(0);
    }

    // An event that the database refuses is skipped, and later places of the feed do not wait behind it.
    [Fact]
    public async Task An_event_that_the_database_refuses_is_left_out_and_the_feed_is_followed_on()
    {
        await using var stage = await Stage.SetAsync(Database.Sqlite);
        await DrawAsync(stage, "Home", 100);
        await stage.WriteAsync(context => context.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER refuse BEFORE INSERT ON updates WHEN NEW.client_id LIKE 'place-%' BEGIN SELECT RAISE(ABORT, 'refused by a "
            + "test'); END", Cancel));
        await stage.Phone.PostAsync("[" + string.Join(',', Point(0, 900), Point(1, 40)) + "]");
        await UntilFollowedAsync(stage);
        await stage.WriteAsync(context => context.Database.ExecuteSqlRawAsync("DROP TRIGGER refuse", Cancel));

        await stage.Phone.PostAsync(Point(2, 700));

        (await EventsAsync(stage, 1)).Select(Word).ShouldBe(["left Home"]);
    }

    [Theory, BothDatabases]
    public async Task A_claim_is_given_once_and_a_feed_that_nobody_follows_is_not_claimed(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options => options.Settings["Roles"] = "hub,feeds");
        await DrawAsync(stage, "Home", 100);
        var other = await Stage.OnAsync(stage.Hub);
        await stage.Phone.PostAsync(Point(0, 0));
        await other.Phone.PostAsync(Point(0, 0));
        var claims = stage.Hub.Services.GetRequiredService<FeedConsumerClaims>();

        var first = await claims.ClaimAsync(PlaceConsumers.Name, [stage.FeedId, other.FeedId], 10, 1, Cancel);
        var second = await claims.ClaimAsync(PlaceConsumers.Name, null, 10, 2, Cancel);

        first.ShouldBe([new ClaimedFeed(stage.FeedId, 0)]);
        second.ShouldBeEmpty();
        (await claims.FollowedAsync(PlaceConsumers.Name, Cancel)).ShouldBe([stage.FeedId]);
    }

    [Theory, BothDatabases]
    public async Task A_long_backlog_is_gone_through_in_order(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await DrawAsync(stage, "Home", 100);

        for (var from = 0; from < 1500; from += 500)
        {
            await stage.Phone.PostAsync("[" + string.Join(',', Enumerable.Range(from, 500).Select(i => Point(i, i / 10 % 2 * 1000))) + "]");
        }

        var told = await EventsAsync(stage, 150);
        told.Select(Word).ShouldBe(Enumerable.Range(0, 150).Select(i => i % 2 == 0 ? "entered Home" : "left Home"));
        told.Select(update => update.GetProperty("at").GetDateTimeOffset())
            .ShouldBe(Enumerable.Range(0, 150).Select(i => Morning.AddMinutes(i * 10)));
    }

    [Theory, BothDatabases]
    public async Task A_phone_that_joins_later_is_followed_and_nobody_is_once_the_last_place_is_gone(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        var place = await DrawAsync(stage, "Home", 100);
        var later = await stage.Owner.AddDeviceAsync("a second one");
        (await stage.ReadAsync(context => FollowersAsync(context, stage))).ShouldBe(2);

        await later.PostAsync(Point(0, 0));
        await Eventually.ShouldAsync(async () =>
        {
            var feed = await stage.Owner.Http.GetFromJsonAsync<JsonElement>($"/feeds/{later.Feed}.json", Cancel);
            return feed.GetProperty("items").GetArrayLength() == 2;
        });

        using var erased = await stage.Owner.Http.DeleteAsync($"/api/zones/{place}", Cancel);
        erased.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await stage.ReadAsync(context => FollowersAsync(context, stage))).ShouldBe(0);
        (await stage.ReadAsync(
            context => context.NamedPlaces.CountAsync(row => row.Name == "Home" && row.AccountId == AccountOf(stage), Cancel))).ShouldBe(0);
    }

    [Theory, BothDatabases]
    public async Task Zones_and_places_are_drawn_listed_and_erased_by_one_api(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await DrawAsync(stage, "Home", 100);
        using var zone = await stage.Owner.Http.PostAsJsonAsync(
            "/api/zones", new { name = "Secret", lat = 10, lon = 20, radius = 300 }, Cancel);
        zone.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var wrong = await stage.Owner.Http.PostAsJsonAsync(
            "/api/zones", new { name = "x", lat = 1, lon = 2, radius = 300, type = "circle" }, Cancel);
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await NamesAsync("")).ShouldBe(["place Home", "private Secret"]);
        (await NamesAsync("?type=place")).ShouldBe(["place Home"]);
        (await NamesAsync("?type=private")).ShouldBe(["private Secret"]);
        (await NamesAsync("?limit=1")).ShouldBe(["place Home"]);
        var home = (await ListAsync("?type=place")).GetProperty("items")[0];
        (home.GetProperty("lat").GetDouble(), home.GetProperty("radius").GetDouble()).ShouldBe((48, 100));
        var next = (await ListAsync("?limit=1")).GetProperty("next").GetString()!;
        (await stage.Owner.Http.GetFromJsonAsync<JsonElement>(next, Cancel)).GetProperty("items")[0].GetProperty("name").GetString()
            .ShouldBe("Secret");

        async Task<JsonElement> ListAsync(string query) =>
            await stage.Owner.Http.GetFromJsonAsync<JsonElement>("/api/zones" + query, Cancel);

        async Task<IEnumerable<string>> NamesAsync(string query) => (await ListAsync(query)).GetProperty("items").EnumerateArray()
            .Select(one => $"{one.GetProperty("type").GetString()} {one.GetProperty("name").GetString()}");
    }

    // The name of a place in a private zone reveals as much as a position in it, even after the phone has left both.
    [Theory, BothDatabases]
    public async Task Of_a_place_in_a_private_zone_no_reader_is_told_the_name_and_elsewhere_only_who_sees_places_exactly(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await DrawAsync(stage, "Home", 100);
        var coarse = await stage.GiveAsync(grant => grant.Limit(null, Precision.Kilometre));
        await stage.Phone.PostAsync("[" + string.Join(',', Point(0, 0), Point(1, 20_000)) + "]");
        await EventsAsync(stage, 2);

        (await ReadAsync(stage.Reader.Urls.Json)).ShouldContain("Home");
        (await ReadAsync(coarse.Replace(".atom", ".json", StringComparison.Ordinal))).ShouldNotContain("Home");
        using var zone = await stage.Owner.Http.PostAsJsonAsync(
            "/api/zones", new { name = "Secret", lat = 48, lon = 2, radius = 300 }, Cancel);
        zone.StatusCode.ShouldBe(HttpStatusCode.Created);

        (await ReadAsync(stage.Reader.Urls.Json)).ShouldNotContain("Home");
        (await EventsAsync(stage, 2)).Select(Word).ShouldBe(["entered Home", "left Home"]);

        Task<string> ReadAsync(string url) => stage.Hub.Http.GetStringAsync(url, Cancel);
    }

    private static Task<int> FollowersAsync(Ledger.Storage.LedgerContext context, Stage stage)
    {
        var account = AccountOf(stage);
        var feeds = context.Feeds.Where(feed => feed.AccountId == account).Select(feed => feed.Id);
        return context.FeedConsumers.CountAsync(row => row.Name == PlaceConsumers.Name && feeds.Contains(row.FeedId), Cancel);
    }

    private static long AccountOf(Stage stage) =>
        Ledger.OpaqueId.TryParse(stage.Owner.Id, out var id) ? id : throw new InvalidOperationException(stage.Owner.Id);

    private static async Task<string> DrawAsync(Stage stage, string name, int radius)
    {
        using var drawn = await stage.Owner.Http.PostAsJsonAsync(
            "/api/zones", new { name, lat = 48, lon = 2, radius, type = "place" }, Cancel);
        drawn.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await drawn.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
    }

    /// <summary>Returns the events that the owner sees, oldest first, once there are as many as given.</summary>
    private static async Task<List<JsonElement>> EventsAsync(Stage stage, int count)
    {
        List<JsonElement> events = [];
        await Eventually.ShouldAsync(
            async () =>
            {
                events = [];
                for (var after = 0; ;)
                {
                    var page = await stage.Owner.Http.GetFromJsonAsync<JsonElement>(
                        $"/feeds/{stage.Phone.Feed}.json?after={after}&limit=200", Cancel);
                    var items = page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update")).ToList();
                    events.AddRange(
                        items.Where(update => update.TryGetProperty("data", out var data) && data.TryGetProperty("event", out _)));
                    if (items.Count == 0)
                    {
                        return events.Count >= count;
                    }

                    after = items[^1].GetProperty("seq").GetInt32();
                }
            },
            TimeSpan.FromSeconds(30));
        events.Count.ShouldBe(count);
        return events;
    }

    private static Task UntilFollowedAsync(Stage stage) => Eventually.ShouldAsync(async () =>
    {
        var head = await stage.ReadAsync(
            context => context.Feeds.Where(feed => feed.Id == stage.FeedId).Select(feed => feed.Head).SingleAsync(Cancel));
        return await CursorAsync(stage) == head;
    });

    private static Task<long> CursorAsync(Stage stage) =>
        stage.ReadAsync(
            context => context.FeedConsumers.Where(row => row.FeedId == stage.FeedId).Select(row => row.Cursor).SingleAsync(Cancel));

    private static string Word(JsonElement update) =>
        $"{update.GetProperty("data").GetProperty("event").GetString()} {update.GetProperty("data").GetProperty("place").GetString()}";

    private static double Lat(double metresNorth) => 48 + (metresNorth / PlaceGrid.MetresPerDegree);

    private static string Point(int minute, double metresNorth)
    {
        var at = Morning.AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $$$"""{"kind":"geo","at":"{{{at}}}","location":{"lat":{{{Lat(metresNorth)}}},"lon":2} }""");
    }
}
