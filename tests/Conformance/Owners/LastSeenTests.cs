using System.Globalization;
using System.Text.Json;
using ActivityHub.Conformance.Access;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Owners;

/// <summary>
/// The last place and time shown to the owner: by the time of the observation, and for every way in which the phone writes.
/// </summary>
public sealed class LastSeenTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_late_place_and_a_clock_that_is_ahead_are_not_where_the_phone_is(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, scene.Hub.BaseUrl);
        var now = TimeProvider.System.GetUtcNow();
        await PostPlaceAsync(scene, now.AddMinutes(-3), "1.5");
        // An app that buffers unsent updates and sends the newest first.
        await scene.Phone.PostAsync(
            $"[{string.Join(',', Enumerable.Range(0, 150).Select(i => Place(now.AddHours(-2).AddSeconds(-i), "2.5")))}]");
        await PostPlaceAsync(scene, now.AddHours(20), "3.5");

        var today = await PageAsync(scene, browser, "/today");
        today.ShouldContain("At 1.5000, 1.5000");
        today.ShouldContain("3 minutes ago");
        var phone = await PageAsync(scene, browser, $"/devices/{scene.Phone.Id}/");
        phone.ShouldContain("At 1.5000, 1.5000");
        phone.ShouldContain("&quot;lat&quot;:1.5");
    }

    [Theory, BothDatabases]
    public async Task A_phone_that_writes_to_its_feed_is_heard_of_as_any_other(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, scene.Hub.BaseUrl);
        (await PageAsync(scene, browser, $"/devices/{scene.Phone.Id}/")).ShouldContain("never");
        (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}")).GetProperty("lastSeen").ValueKind.ShouldBe(JsonValueKind.Null);
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);

        await scene.Phone.PostAsync("""{"kind":"battery","data":{"level":47}}""");

        (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}")).GetProperty("lastSeen").GetDateTimeOffset()
            .ShouldBeGreaterThan(before);
        var listed = (await scene.Owner.Http.JsonAsync("/api/devices")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        listed.GetProperty("lastSeen").GetDateTimeOffset().ShouldBeGreaterThan(before);
        (await PageAsync(scene, browser, $"/devices/{scene.Phone.Id}/")).ShouldNotContain("never");
        (await PageAsync(scene, browser, "/today")).ShouldNotContain("never");
    }

    [Theory, BothDatabases]
    public async Task A_day_shows_what_was_seen_on_it_however_late_it_came(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, scene.Hub.BaseUrl);
        var day = new DateTimeOffset(2017, 8, 1, 0, 0, 0, TimeSpan.Zero);
        await PostPlaceAsync(scene, TimeProvider.System.GetUtcNow(), "1.5");
        await scene.Phone.PostAsync($"[{string.Join(',', Enumerable.Range(0, 24).Select(hour => Place(day.AddHours(hour - 12), "2.5")))}]");

        var (items, next) = await ObservedAsync(day, day.AddDays(1));

        items.Count.ShouldBe(12);
        items.ShouldAllBe(item => item.GetProperty("_update").GetProperty("at").GetDateTimeOffset() >= day);
        items[0].GetProperty("title").GetString().ShouldStartWith("At 2.5000, 2.5000");
        next.ShouldBeNull();
        (await ObservedAsync(day.AddDays(9), day.AddDays(10))).Items.ShouldBeEmpty();
        using var faulty = await scene.Hub.Http.AskAsync(
            $"/devices/{scene.Phone.Id}/observed?from=2017-08-01T00:00:00Z", ("Cookie", browser.Cookie));
        await faulty.ProblemAsync(System.Net.HttpStatusCode.BadRequest);

        async Task<(List<JsonElement> Items, long? Next)> ObservedAsync(DateTimeOffset from, DateTimeOffset to)
        {
            var answer = JsonElement.Parse(
                await PageAsync(
                    scene, browser, $"/devices/{scene.Phone.Id}/observed?from={from:yyyy-MM-dd}T00:00:00Z&to={to:yyyy-MM-dd}T00:00:00Z"));
            return ([.. answer.GetProperty("items").EnumerateArray()], answer.TryGetProperty("next", out var more)
                ? more.GetInt64()
                : null);
        }
    }

    private static async Task<string> PageAsync(Scene scene, SignedInBrowser browser, string path)
    {
        using var answer = await scene.Hub.Http.AskAsync(path, ("Cookie", browser.Cookie));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.TextAsync());
        return await answer.TextAsync();
    }

    private static Task PostPlaceAsync(Scene scene, DateTimeOffset at, string degrees) => scene.Phone.PostAsync(Place(at, degrees));

    private static string Place(DateTimeOffset at, string degrees) =>
        $$$"""{"kind":"geo","at":"{{{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}}","location":{"lat":{{{degrees}}},"lon":{{{degrees}}},"accuracy":20}}""";
}
