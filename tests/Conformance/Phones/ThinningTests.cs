using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>Places that are merged at the owner's request, and a day's places that arrive late.</summary>
public sealed class ThinningTests(SharedHubs hubs)
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 20, 6, 0, 0, TimeSpan.Zero);

    [Theory, BothDatabases]
    public async Task A_phone_whose_owner_wants_it_has_its_places_merged_by_whatever_way_they_come(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var change = await scene.Owner.Http.PatchAsync(
            $"/api/devices/{scene.Phone.Id}", new StringContent("""{"thinMetres":100}""", Encoding.UTF8, "application/json"), Cancel);
        change.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var first = await scene.Phone.TryPostAsync(Point(0, 0));
        using var near = await scene.Phone.TryPostAsync(Point(1, 20));
        using var several = await scene.Hub.Http.PostAsync(
            new Uri(scene.Phone.IngestUrl!).AbsolutePath,
            new StringContent($"[{Point(2, 30)},{Point(3, 400)}]", Encoding.UTF8, "application/json"), Cancel);

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        near.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await near.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"accepted":0,"duplicates":0,"merged":1,"lastSeq":1}""");
        (await several.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"accepted":1,"duplicates":0,"merged":1,"lastSeq":2}""");
        (await scene.Owner.Http.JsonAsync($"/api/devices/{scene.Phone.Id}")).GetProperty("merged").GetInt32().ShouldBe(2);
        var update = await scene.Hub.Http.JsonAsync($"/feeds/{scene.Feed}/updates/2?key={scene.Grant.Key}");
        update.GetProperty("data").GetProperty("merged").GetInt32().ShouldBe(2);
    }

    [Theory, BothDatabases]
    public async Task A_day_of_points_that_comes_late_and_in_small_batches_is_in_the_order_of_receipt_by_seq_and_of_observation_by_published(Database database)
    {
        const int points = 5_000, batch = 50;
        var scene = await Scene.SetAsync(hubs, database);
        var address = new Uri(scene.Phone.IngestUrl!).AbsolutePath;

        for (var from = 0; from < points; from += batch)
        {
            var body = "[" + string.Join(',', Enumerable.Range(from, batch).Select(i => Point(i / 4.0, i * 7, $"p{i}"))) + "]";
            using var answer = await scene.Hub.Http.PostAsync(
                $"{address}/native", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            // The answer to some batches is lost, so these batches are sent again.
            if (from % 500 == 0)
            {
                using var again = await scene.Hub.Http.PostAsync(
                    $"{address}/native", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
                (await again.JsonAsync()).GetProperty("duplicates").GetInt32().ShouldBe(batch);
            }
        }

        var items = await ReadAllAsync(scene);
        items.Select(item => item.GetProperty("_update").GetProperty("seq").GetInt32()).ShouldBe(Enumerable.Range(1, points));
        items.Select(item => item.GetProperty("_update").GetProperty("id").GetString())
            .ShouldBe(Enumerable.Range(0, points).Select(i => $"p{i}"));
        var published = items.Select(item => item.GetProperty("date_published").GetDateTimeOffset()).ToList();
        published.ShouldBe(Enumerable.Range(0, points).Select(i => Morning.AddMinutes(i / 4.0)));
        var received = items.Select(item => item.GetProperty("date_modified").GetDateTimeOffset()).ToList();
        received.ShouldBeInOrder();
        received[0].ShouldBeGreaterThan(published[^1]);
    }

    private static async Task<List<JsonElement>> ReadAllAsync(Scene scene)
    {
        var items = new List<JsonElement>();
        for (var after = 0; ; after = items.Count)
        {
            var page = (await scene.Hub.Http.JsonAsync($"/feeds/{scene.Feed}.json?key={scene.Grant.Key}&after={after}&limit=200"))
                .GetProperty("items");
            items.AddRange(page.EnumerateArray());
            if (page.GetArrayLength() < 200)
            {
                return items;
            }
        }
    }

    private static string Point(double minute, double metresNorth, string? id = null)
    {
        var named = id is null ? "" : $"\"id\":\"{id}\",";
        var at = Morning.AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{{{{named}}}"kind":"geo","at":"{{{at}}}","location":{"lat":{{{48 + (metresNorth / 111_195)}}},"lon":2.29} }""");
    }
}
