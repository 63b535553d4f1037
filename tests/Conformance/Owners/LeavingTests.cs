using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>An account can be exported, and its deletion leaves no data behind.</summary>
public sealed class LeavingTests(SharedHubs hubs)
{
    private const string Secret = "unmistakable-9f3c";

    [Theory, BothDatabases]
    public async Task An_export_holds_every_update_and_no_key(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync([.. Enumerable.Range(1, 12).Select(number => $"u{number}")]);
        await DrawAsync(scene, "Home");

        var zip = new ZipArchive(new MemoryStream(await scene.Owner.Http.GetByteArrayAsync("/api/account/export", Cancel)));

        var updates = Lines(zip, $"updates-{scene.Feed}.ndjson");
        updates.Select(update => update.GetProperty("id").GetString()).ShouldBe(Enumerable.Range(1, 12).Select(number => $"u{number}"));
        Lines(zip, "devices.ndjson").ShouldHaveSingleItem().GetProperty("feed").GetString().ShouldBe(scene.Feed);
        Lines(zip, "grants.ndjson").Count.ShouldBe(1);
        Lines(zip, "places.ndjson").ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("Home");
        foreach (var entry in zip.Entries)
        {
            var text = Text(entry);
            text.ShouldNotContain(scene.Phone.Key);
            text.ShouldNotContain(scene.Grant.Key!);
            text.ShouldNotContain(scene.Owner.Token);
        }
    }

    [Fact]
    public async Task Whoever_leaves_is_gone_from_the_files_within_a_minute_and_subscribers_are_told()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url("/" + Secret));
        await scene.Phone.PostAsync(
            $$"""{"id":"{{Secret}}-id","kind":"battery","title":"{{Secret}} title","data":{"where":"{{Secret}} data"} }""");
        await callback.At("/" + Secret).WaitForAsync(1);
        await DrawAsync(scene, $"{Secret} place");
        await scene.Phone.PostAsync("""{"kind":"geo","location":{"lat":48,"lon":2}}""");
        await Eventually.ShouldAsync(
            async () =>
                (await scene.Owner.Http.GetStringAsync($"/feeds/{scene.Feed}.json", Cancel))
                    .Contains($"{Secret} place", StringComparison.Ordinal));
        InFiles(hub, Secret).ShouldBeTrue();

        using (var wrong = await scene.Owner.Http.SendJsonAsync(HttpMethod.Delete, "/api/account", """{"password":"not this one"}"""))
        {
            wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using (var left = await scene.Owner.Http.SendJsonAsync(
            HttpMethod.Delete, "/api/account", JsonSerializer.Serialize(new { password = scene.Owner.Password })))
        {
            left.StatusCode.ShouldBe(HttpStatusCode.NoContent, await left.TextAsync());
        }

        using (var read = await hub.Http.AskAsync(scene.Topic))
        {
            read.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using (var listed = await scene.Owner.Http.AskAsync("/api/devices"))
        {
            listed.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using (var written = await scene.Phone.TryPostAsync("""{"kind":"battery"}"""))
        {
            written.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        await callback.At("/" + Secret).WaitUntilAsync(
            requests => requests.Any(request => request.Parameter("hub.mode") == "denied"), TimeSpan.FromSeconds(20));
        await Eventually.ShouldAsync(
            () => Task.FromResult(!InFiles(hub, Secret) && !InFiles(hub, scene.Owner.Email)), TimeSpan.FromSeconds(60),
            "nothing of the account is left in the files");
    }

    private static async Task DrawAsync(Scene scene, string name)
    {
        using var drawn = await scene.Owner.Http.SendJsonAsync(
            HttpMethod.Post, "/api/zones", $$"""{"name":"{{name}}","lat":48,"lon":2,"radius":100,"type":"place"}""");
        drawn.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    private static bool InFiles(HubApp hub, string text)
    {
        var wanted = Encoding.UTF8.GetBytes(text);
        return Directory.EnumerateFiles(hub.DataDirectory, "hub.db*").Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            // SQLite may truncate its log between the two lines.
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes.AsSpan(0, read).IndexOf(wanted) >= 0;
        });
    }

    private static IReadOnlyList<JsonElement> Lines(ZipArchive zip, string name) =>
        [.. Text(zip.GetEntry(name)!).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }
}
