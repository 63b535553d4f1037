using System.Text;
using ActivityHub.Ledger;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// A private feed and a missing feed look the same to a client that may not read: in status, headers and bytes, and in the database
/// requests, because timing also reveals information.
/// </summary>
public sealed class MissingFeedTests
{
    // The hub's own background requests fall into some of the measurements, but not into the minimum of several.
    private const int Rounds = 3;

    [Theory, BothDatabases]
    public async Task A_private_feed_is_told_from_none_by_nothing_and_costs_the_same(Database database)
    {
        using var statements = new CountedStatements();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Configure = builder => statements.CountLogOf(builder.Services);
        });
        statements.CountOf(hub);
        var scene = await Scene.SetAsync(hub);
        var stranger = await Scene.SetAsync(hub);
        string?[] keys = [null, "guessed", "rk_guessed", "at_guessed", "dk_guessed", stranger.Grant.Key, stranger.Owner.Token,
            stranger.Phone.Key];

        foreach (var way in new[] { ".atom", ".rss", ".json", ".js", ".geojson", "/updates/1", "/stream", "POST", "POST /hub", "HEAD" })
        {
            foreach (var key in keys)
            {
                long[]? there = null, missing = null;
                for (var round = 0; round < Rounds; round++)
                {
                    // New feeds each time, so that the first request and later requests are both compared.
                    var feed = (await scene.Owner.AddDeviceAsync()).Feed;
                    var none = OpaqueId.Format(OpaqueId.New());
                    var told = new List<string>();
                    Least(ref there, await AskAsync(hub, statements, way, feed, key, told));
                    Least(ref missing, await AskAsync(hub, statements, way, none, key, told));
                    told.Distinct().ShouldHaveSingleItem($"{way} with {key ?? "no key"}").ShouldMatch("^40[14]");
                }

                there.ShouldBe(missing, $"{way} with {key ?? "no key"}");
                // Without any counted request there is nothing to compare; the owner of a device key is cached.
                (there!.Sum() > 0 || (way == "POST" && (key is null || key == stranger.Phone.Key)))
                    .ShouldBeTrue($"{way} with {key ?? "no key"}");
            }
        }
    }

    private static void Least(ref long[]? least, long[] counts) => least = least is null ? counts : [.. least.Zip(counts, Math.Min)];

    private static async Task<long[]> AskAsync(
        HubApp hub, CountedStatements statements, string way, string feed, string? key, List<string> told)
    {
        var counts = new long[3];
        for (var i = 0; i < counts.Length; i++)
        {
            var before = statements.Count;
            using var answer = await SendAsync(hub, way, feed, key);
            var text = await answer.TextAsync();
            counts[i] = statements.Count - before;
            var headers = answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Date" or "RateLimit"))
                .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
            told.Add($"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n\n{text}");
        }

        return counts;
    }

    private static Task<HttpResponseMessage> SendAsync(HubApp hub, string way, string feed, string? key)
    {
        (string, string)[] bearer = key is null ? [] : [("Authorization", Bearer(key))];
        return way switch
        {
            "POST" =>
                hub.Http.SendAsync(
                    HttpMethod.Post, $"/feeds/{feed}/updates",
                    new StringContent("""{"kind":"battery"}""", Encoding.UTF8, "application/json"), bearer),
            "POST /hub" =>
                hub.TrySubscribeAsync($"{hub.BaseUrl}/feeds/{feed}.atom{(key is null ? "" : $"?key={key}")}", "http://127.0.0.1:9/"),
            "HEAD" => hub.Http.SendAsync(HttpMethod.Head, $"/feeds/{feed}.json", null, bearer),
            _ => hub.Http.AskAsync($"/feeds/{feed}{way}", bearer),
        };
    }
}
