using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WholeWay;

/// <summary>
/// The main use case with recordings of real phones, if they are available: <c>../shared/data/phones</c> beside the repository.
/// </summary>
public sealed class RealPhonesTests(SharedHubs hubs)
{
    private const int Batch = 100;

    private static string Folder => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "phones"));

    [Theory, BothDatabases]
    public async Task Two_phones_replayed_reach_both_of_their_subscribers_once_in_order_and_signed(Database database)
    {
        Assert.SkipUnless(Directory.Exists(Folder), "The phones' data is not here: ../shared/data/phones.");
        var hub = await hubs.OnAsync(database);

        await Task.WhenAll(ReplayAsync(hub, "phone-09"), ReplayAsync(hub, "phone-29"));
    }

    private static async Task ReplayAsync(HubApp hub, string name)
    {
        var updates = await ReadAsync(name);
        var ids = updates.Select(line => JsonElement.Parse(line).GetProperty("id").GetString()!).ToArray();
        var scene = await Scene.SetAsync(hub);
        await using var callbacks = await CallbackListener.StartAsync();
        var (atom, json) = (callbacks.At("/atom"), callbacks.At("/json"));
        await scene.SubscribeAsync(scene.Keyed("atom"), atom.Url, secret: "for Atom");
        await scene.SubscribeAsync(scene.Keyed("json"), json.Url, secret: "for JSON", content: "delta");

        var accepted = 0;
        foreach (var batch in updates.Chunk(Batch))
        {
            using var answer = await scene.Phone.TryPostAsync(string.Join('\n', batch), "application/x-ndjson");
            accepted += (await answer.JsonAsync()).GetProperty("accepted").GetInt32();
        }

        accepted.ShouldBe(ids.Length);
        foreach (var (path, secret) in new[] { (atom, "for Atom"), (json, "for JSON") })
        {
            await path.WaitUntilAsync(WholeWayTests.HasAll([ids[^1]]), TimeSpan.FromSeconds(30));
            WholeWayTests.IdsOf(path).ShouldBe(ids, $"{name} {path.Url}");
            path.Deliveries.ShouldAllBe(delivery => WebSub.Signatures.IsSignedWith(delivery, secret));
        }
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(string name)
    {
        await using var file = File.OpenRead(Path.Combine(Folder, name + ".ndjson.gz"));
        await using var plain = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(Http.Cancel) is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
