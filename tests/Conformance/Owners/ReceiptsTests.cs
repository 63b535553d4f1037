using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>The owner's receipts: which reader got which data.</summary>
public sealed class ReceiptsTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task What_readers_and_callbacks_got_is_there_by_the_hour(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.Phone.PostAsync("""{"kind":"battery","data":{"level":47}}""");
        await scene.Phone.PostAsync("""{"kind":"geo","location":{"lat":1.5,"lon":2.5}}""");

        await scene.Hub.GetStringAsync(scene.Grant.Urls.Atom);
        await scene.Hub.GetStringAsync(scene.Grant.Urls.Json);

        var items = await WaitAsync(scene, items => items.Count > 0);
        var receipt = items.ShouldHaveSingleItem();
        receipt.GetProperty("grant").GetString().ShouldBe(scene.Grant.Id);
        receipt.GetProperty("way").GetString().ShouldBe("read");
        receipt.GetProperty("place").GetString().ShouldBe("127.0.0.0/24");
        (receipt.GetProperty("times").GetInt32(), receipt.GetProperty("from").GetInt64(), receipt.GetProperty("to").GetInt64()).ShouldBe(
            (2, 1L, 2L));

        var atom = XDocument.Parse(await scene.Owner.Http.GetStringAsync("/api/receipts.atom", Cancel));
        atom.Root!.Elements().Count(element => element.Name.LocalName == "entry").ShouldBe(1);
        (await scene.Owner.Http.JsonAsync("/api/receipts.json")).GetProperty("items")[0].GetProperty("title")
            .GetString()!.ShouldContain("updates 1 to 2");
    }

    [Fact]
    public async Task What_tells_nobody_anything_is_no_receipt()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.Phone.PostAsync("""{"kind":"battery"}""");
        await scene.Owner.Http.GetStringAsync($"/feeds/{scene.Feed}.json", Cancel);
        await scene.Owner.Http.GetStringAsync($"/feeds/{scene.Feed}.json?grant={scene.Grant.Id}", Cancel);
        using var first = await scene.Hub.Http.GetAsync(scene.Grant.Urls.Atom, Cancel);
        using var again = new HttpRequestMessage(HttpMethod.Get, scene.Grant.Urls.Atom);
        again.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.ToString());
        using var unchanged = await scene.Hub.Http.SendAsync(again, Cancel);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);

        (await WaitAsync(scene, items => items.Count > 0)).ShouldHaveSingleItem().GetProperty("times").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task They_are_the_owners_alone()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.Phone.PostAsync("""{"kind":"battery"}""");
        await scene.Hub.GetStringAsync(scene.Grant.Urls.Atom);
        await WaitAsync(scene, items => items.Count > 0);

        var other = await TestOwner.SignUpAsync(scene.Hub.BaseUrl);
        (await other.Http.JsonAsync("/api/receipts")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await other.Http.JsonAsync($"/api/receipts?feed={scene.Feed}")).GetProperty("items").GetArrayLength().ShouldBe(0);
        using var nobody = await scene.Hub.Http.GetAsync("/api/receipts.atom", Cancel);
        nobody.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<IReadOnlyList<JsonElement>> WaitAsync(Scene scene, Func<IReadOnlyList<JsonElement>, bool> until)
    {
        IReadOnlyList<JsonElement> items = [];
        await Eventually.ShouldAsync(
            async () =>
                until(
                    items = [.. (await scene.Owner.Http.JsonAsync($"/api/receipts?feed={scene.Feed}")).GetProperty("items")
                        .EnumerateArray()]),
            TimeSpan.FromSeconds(20), "the receipts are written");
        return items;
    }
}
