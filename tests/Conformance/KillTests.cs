using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>
/// Design §5: nothing that was answered with 2xx is lost by a kill -9 of any process at any moment. Every role is a process of its own here, on
/// one PostgreSQL; FeedApi and Workers carry no migrations and wait for the hub's.
/// </summary>
public sealed class KillTests
{
    private const int Phones = 4;
    private const int Updates = 1500;
    private const string Secret = "a secret of the subscriber";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_workers_and_a_killed_feed_api_lose_nothing_and_mix_up_nothing()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var listener = await CallbackListener.AnsweringAsync(CallbackAnswer.After(TimeSpan.FromMilliseconds(5)));
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings__Ledger"] = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(),
            ["Hub__AllowedCallbackNetworks"] = "127.0.0.0/8",
            // A dead worker's shards are another's after this long.
            ["Deliveries__Lease"] = "00:00:04",
            ["Deliveries__Timeout"] = "00:00:01",
            ["Deliveries__LeaseMargin"] = "00:00:00.5",
            ["Deliveries__RenewEvery"] = "00:00:01",
            ["Deliveries__MaxUpdates"] = "10",
            ["Roles"] = "hub,feeds",
        };
        await using var hub = HubProcess.Of("ActivityHub.Hub", settings);
        settings["Hub__PublicUrl"] = hub.BaseUrl;
        await using var feedApi = HubProcess.Of("ActivityHub.FeedApi", settings);
        await using var one = HubProcess.Of("ActivityHub.Workers", settings);
        await using var other = HubProcess.Of("ActivityHub.Workers", settings);
        await Task.WhenAll(hub.StartAsync(), feedApi.StartAsync(), one.StartAsync(), other.StartAsync());

        var feeds = await SubscribeAsync(hub, listener);
        var phones = feeds.Select(feed => WriteAsync(feedApi.BaseUrl, feed.Device)).ToList();
        var early = listener.At(feeds[0].Path);
        await early.WaitForAsync(10);
        await one.KillAsync();
        await early.WaitForAsync(20, TimeSpan.FromSeconds(30));
        await feedApi.KillAsync();
        await feedApi.StartAsync();
        await one.StartAsync();
        await other.KillAsync();
        await Task.WhenAll(phones);

        foreach (var feed in feeds)
        {
            var path = listener.At(feed.Path);
            await path.WaitUntilAsync(posts => posts.Count > 0 && To(posts[^1]) == Updates, TimeSpan.FromSeconds(60));
            InOrder(path.Deliveries);
        }
    }

    // A phone that sends each update until it is told that it is on disk, as a phone does.
    private static async Task WriteAsync(string baseUrl, Device device)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(baseUrl) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", device.Key);
        for (var i = 0; i < Updates; i += 5)
        {
            var batch = string.Join(',', Enumerable.Range(i, 5).Select(n => $$$"""{"id":"u{{{n}}}","kind":"sensor","data":{"n":{{{n}}}}}"""));
            await Eventually.ShouldAsync(
                async () =>
                {
                    try
                    {
                        using var content = new StringContent($"[{batch}]", Encoding.UTF8, "application/json");
                        using var answer = await http.PostAsync($"/feeds/{device.Feed}/updates", content, Token);
                        return answer.StatusCode == HttpStatusCode.OK;
                    }
                    catch (HttpRequestException)
                    {
                        return false;
                    }
                },
                TimeSpan.FromSeconds(60));
        }
    }

    private static async Task<List<(Device Device, string Path)>> SubscribeAsync(HubProcess hub, CallbackListener listener)
    {
        var owner = await Owner.SignUpAsync(hub.BaseUrl);
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(hub.BaseUrl) };
        var feeds = new List<(Device, string)>();
        for (var i = 0; i < Phones; i++)
        {
            var device = await owner.AddDeviceAsync();
            var grant = await owner.GrantAsync(device.Feed);
            var path = string.Create(CultureInfo.InvariantCulture, $"/feed-{i}");
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["hub.mode"] = "subscribe",
                ["hub.topic"] = grant.Urls.Json,
                ["hub.callback"] = listener.Url(path),
                ["hub.secret"] = Secret,
                ["hub.content"] = "delta",
            });
            using var answer = await http.PostAsync("/hub", form, Token);
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            await listener.At(path).WaitForVerificationAsync(timeout: TimeSpan.FromSeconds(30));
            feeds.Add((device, path));
        }

        return feeds;
    }

    // Every update, in order; a POST that nobody saw acknowledged may come again, as a whole or as the beginning of a longer one.
    private static void InOrder(IReadOnlyList<ReceivedRequest> posts)
    {
        long accepted = 0;
        var ids = new SortedDictionary<long, string>();
        foreach (var post in posts)
        {
            post.Header("X-Hub-Signature").ShouldBe("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), post.Body.Span)));
            using var document = JsonDocument.Parse(post.Body);
            var updates = document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("_update"))
                .Select(update => (Seq: update.GetProperty("seq").GetInt64(), Id: update.GetProperty("id").GetString()!)).OrderBy(update => update.Seq).ToList();
            updates[0].Seq.ShouldBeLessThanOrEqualTo(accepted + 1);
            updates.Select(update => update.Seq).ShouldBe(Enumerable.Range(0, updates.Count).Select(n => updates[0].Seq + n));
            foreach (var (seq, id) in updates)
            {
                ids.TryAdd(seq, id).ShouldBe(seq > accepted);
                ids[seq].ShouldBe(id);
            }

            accepted = Math.Max(accepted, updates[^1].Seq);
        }

        ids.Values.ShouldBe(Enumerable.Range(0, Updates).Select(n => string.Create(CultureInfo.InvariantCulture, $"u{n}")));
    }

    private static long To(ReceivedRequest post) => long.Parse(post.Header("Hub-Updates")!.Split('-')[1], CultureInfo.InvariantCulture);
}
