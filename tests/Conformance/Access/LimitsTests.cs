using System.Net;
using ActivityHub.Conformance.Streams;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>The rate limits of phones and readers; clients within their limit do not notice it.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task A_phone_is_told_what_is_left_and_when_to_send_the_rest()
    {
        await using var hub = await StartAsync(("DeviceBurst", "3"), ("DevicePerMinute", "60"));
        var scene = await Scene.SetAsync(hub);
        var other = await scene.Owner.AddDeviceAsync();
        const string update = """{"kind":"battery","data":{"level":47}}""";

        using var first = await scene.Phone.TryPostAsync(update);
        Told(first).ShouldBe("\"device\";q=3;w=3 \"device\";r=2;t=1");
        (await hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, update)).Headers.GetValues("RateLimit").Single()
            .ShouldStartWith("\"device\";r=");
        using var last = await UntilTooManyAsync(() => scene.Phone.TryPostAsync(update));

        last.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 2);
        (await last.ProblemAsync(HttpStatusCode.TooManyRequests)).GetProperty("detail")
            .GetString()!.ShouldContain("3 in a row, then 1 a second");
        // The ingest address counts for the same phone; apps that post there discard an update after a 4xx, so the answer is 503. Another
        // phone is not limited.
        using var byAddress = await UntilTooManyAsync(
            () => hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, update), HttpStatusCode.ServiceUnavailable);
        byAddress.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 2);
        (await byAddress.ProblemAsync(HttpStatusCode.ServiceUnavailable)).GetProperty("detail")
            .GetString()!.ShouldContain("3 in a row, then 1 a second");
        using var others = await other.TryPostAsync(update);
        others.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_phone_that_sends_a_day_at_once_is_not_held_up()
    {
        await using var hub = await StartAsync();
        var scene = await Scene.SetAsync(hub);
        var day = $"[{string.Join(',', Enumerable.Range(0, 200).Select(i => $$"""{"id":"p{{i}}","kind":"battery"}"""))}]";

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => scene.Phone.PostAsync(day)));
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancel }, async (i, _) =>
            {
                using var answer = await hub.Http.AskAsync($"{scene.Phone.IngestUrl}?battery={i % 100}");
                answer.IsSuccessStatusCode.ShouldBeTrue(answer.ToString());
            });
    }

    [Theory]
    [InlineData("Reader", "client")]
    [InlineData("Grant", "grant")]
    public async Task A_reader_who_asks_too_often_is_told_when_to_come_back(string setting, string name)
    {
        await using var hub = await StartAsync(($"{setting}Burst", "5"), ($"{setting}PerMinute", "60"));
        var scene = await Scene.SetAsync(hub);
        await scene.Phone.PostAsync("""{"kind":"battery"}""");

        foreach (var url in new[] { scene.Keyed("json"), $"/feeds/{scene.Feed}/updates/1?key={scene.Grant.Key}", scene.Grant.Urls.Stream })
        {
            using var last = await UntilTooManyAsync(() => OpenAsync(hub, url));
            last.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 2);
            last.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("RateLimit");
            string.Join(' ', last.Headers.GetValues("RateLimit")).ShouldContain($"\"{name}\";r=0;");
        }
    }

    // Otherwise one reader could close the feed for every other reader.
    [Fact]
    public async Task A_feed_that_is_open_to_all_has_no_limit_in_common()
    {
        await using var hub = await StartAsync(("GrantBurst", "1"), ("GrantPerMinute", "1"));
        var scene = await Scene.SetAsync(hub);
        await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Public = true });

        for (var i = 0; i < 5; i++)
        {
            (await hub.Http.AskAsync(scene.Bare("json"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Guessing_keys_is_slowed_and_a_right_key_opens_all_the_same()
    {
        await using var hub = await StartAsync(("WrongKeysPerMinute", "4"));
        var scene = await Scene.SetAsync(hub);
        const string missing = "/feeds/0000000000000.json";

        using var slowed = await UntilTooManyAsync(() => hub.Http.AskAsync(scene.Bare("json"), ("Authorization", Bearer("rk_guessed"))));

        (await slowed.ProblemAsync(HttpStatusCode.TooManyRequests)).GetProperty("detail").GetString()!.ShouldContain("opens all the same");
        slowed.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 15);
        // For every URL with something to guess, whether or not it exists.
        foreach (var url in new[] { missing, scene.Bare("atom"), $"/feeds/{scene.Feed}/updates/1", $"/feeds/{scene.Feed}/stream" })
        {
            (await hub.Http.AskAsync(url)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, url);
        }

        using var ofAnApp = await hub.Http.PostJsonAsync("/i/guessed", "{}");
        await ofAnApp.ProblemAsync(HttpStatusCode.ServiceUnavailable);
        ofAnApp.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 15);
        (await hub.Http.PostJsonAsync($"/feeds/{scene.Feed}/updates", "{}")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var device = scene.Phone.Id;
        foreach (var url in new[] { $"/devices/{device}/inbox", $"/api/feeds/{scene.Feed}/messages",
            "/subscriptions/0000000000000?key=guessed", "/api/devices" })
        {
            (await hub.Http.AskAsync(url, ("Authorization", Bearer("guessed")))).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, url);
        }

        foreach (var url in new[] { $"/devices/{device}/push", $"/devices/{device}/inbox/acknowledged", $"/api/feeds/{scene.Feed}/messages",
            "/subscriptions/0000000000000/resume?key=guessed" })
        {
            (await hub.Http.PostJsonAsync(url, "{}")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, url);
        }

        (await hub.Http.AskAsync(scene.Keyed("json"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await scene.PostEachAsync("still");
        (await hub.Http.AskAsync($"/devices/{device}/inbox", ("Authorization", Bearer(scene.Phone.Key)))).StatusCode.ShouldBe(
            HttpStatusCode.OK);
        (await scene.Owner.Http.AskAsync($"/api/feeds/{scene.Feed}/messages")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, """{"kind":"battery"}""")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Theory]
    [InlineData("StreamsPerGrant")]
    [InlineData("StreamsPerClient")]
    public async Task Streams_are_counted_and_one_that_ends_makes_room(string setting)
    {
        await using var hub = await StartAsync((setting, "2"));
        var scene = await Scene.SetAsync(hub);
        await using var first = await EventStream.OpenAsync(hub.Http, scene.Grant.Urls.Stream);
        var second = await EventStream.OpenAsync(hub.Http, scene.Grant.Urls.Stream);

        using var refused = await OpenAsync(hub, scene.Grant.Urls.Stream);
        (await refused.ProblemAsync(HttpStatusCode.TooManyRequests)).GetProperty("detail").GetString()!.ShouldContain($"Limits:{setting}");
        refused.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        var another = await scene.Owner.GrantAsync(scene.Feed);
        using var underAnother = await OpenAsync(hub, another.Urls.Stream);
        underAnother.StatusCode.ShouldBe(setting == "StreamsPerGrant" ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests);

        await second.DisposeAsync();
        await Eventually.ShouldAsync(async () =>
        {
            using var again = await OpenAsync(hub, scene.Grant.Urls.Stream);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_phone_that_asks_for_its_messages_too_often_is_told_when_to_come_back()
    {
        await using var hub = await StartAsync(("DeviceBurst", "3"), ("DevicePerMinute", "60"));
        var scene = await Scene.SetAsync(hub);

        using var last = await UntilTooManyAsync(
            () => hub.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox", ("Authorization", Bearer(scene.Phone.Key))));

        last.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 2);
    }

    // Of 40 streams, the last 4 are reserved for clients that have none.
    [Theory, BothDatabases]
    public async Task One_account_that_opens_all_the_streams_it_can_leaves_some_for_others(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Settings["Streams:MaxStreams"] = "40";
        });
        var scene = await Scene.SetAsync(hub);
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, hub.BaseUrl);
        var phones = new List<TestDevice> { scene.Phone };
        while (phones.Count < 5)
        {
            phones.Add(await scene.Owner.AddDeviceAsync());
        }

        var open = new List<HttpResponseMessage>();

        // Opens streams of every kind.
        foreach (var phone in phones)
        {
            var key = (await scene.Owner.GrantAsync(phone.Feed)).Key;
            for (var i = 0; i < 4; i++)
            {
                open.Add(await AskAsync(hub, $"/devices/{phone.Id}/stream", ("Cookie", browser.Cookie)));
                open.Add(
                    await AskAsync(
                        hub, $"/devices/{phone.Id}/inbox", ("Authorization", Bearer(phone.Key)), ("Accept", "text/event-stream")));
                open.Add(await AskAsync(hub, $"/feeds/{phone.Feed}/stream?key={key}"));
            }
        }

        open.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(36);
        open.Last().StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        open.Last().Headers.RetryAfter.ShouldNotBeNull();
        var other = await Scene.SetAsync(hub);
        using var others = await AskAsync(hub, other.Grant.Urls.Stream);
        others.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var again = await AskAsync(hub, other.Grant.Urls.Stream);
        again.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        open.ForEach(answer => answer.Dispose());
        await Eventually.ShouldAsync(async () =>
        {
            using var room = await AskAsync(hub, other.Grant.Urls.Stream);
            return room.StatusCode == HttpStatusCode.OK;
        });
    }

    // Formerly these streams were not counted.
    [Theory]
    [InlineData("StreamsPerClient")]
    [InlineData("StreamsPerAccount")]
    public async Task Streams_of_pages_and_inboxes_are_counted_with_those_of_readers(string setting)
    {
        await using var hub = await StartAsync((setting, "3"));
        var scene = await Scene.SetAsync(hub);
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, hub.BaseUrl);
        using var page = await AskAsync(hub, $"/devices/{scene.Phone.Id}/stream", ("Cookie", browser.Cookie));
        using var inbox = await AskAsync(
            hub, $"/devices/{scene.Phone.Id}/inbox", ("Authorization", Bearer(scene.Phone.Key)), ("Accept", "text/event-stream"));
        using var reader = await AskAsync(hub, scene.Grant.Urls.Stream);
        new[] { page, inbox, reader }.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);

        foreach (var answer in new[]
        {
            await AskAsync(hub, $"/devices/{scene.Phone.Id}/stream", ("Cookie", browser.Cookie)),
            await AskAsync(
                hub, $"/devices/{scene.Phone.Id}/inbox", ("Authorization", Bearer(scene.Phone.Key)), ("Accept", "text/event-stream")),
            await AskAsync(hub, scene.Grant.Urls.Stream),
        })
        {
            (await answer.ProblemAsync(HttpStatusCode.TooManyRequests)).GetProperty("detail")
                .GetString()!.ShouldContain($"Limits:{setting}");
            answer.Dispose();
        }
    }

    [Theory]
    [InlineData("Limits:DeviceBurst", "0", "1 and 1000000")]
    [InlineData("Limits:WrongKeysPerMinute", "-1", "1 and 1000000")]
    public async Task A_limit_out_of_its_range_stops_the_start(string setting, string value, string range)
    {
        var failure = await Should.ThrowAsync<Exception>(
            () => HubApp.StartAsync(Database.Sqlite, options => options.Settings[setting] = value));

        failure.ToString().ShouldContain(setting.Split(':')[1]);
        failure.ToString().ShouldContain(range);
    }

    private static Task<HubApp> StartAsync(params (string Name, string Value)[] limits) => HubApp.StartAsync(Database.Sqlite, options =>
    {
        options.Settings["Roles"] = "hub,feeds";
        foreach (var (name, value) in limits)
        {
            options.Settings[$"Limits:{name}"] = value;
        }
    });

    private static async Task<HttpResponseMessage> AskAsync(HubApp hub, string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private static async Task<HttpResponseMessage> OpenAsync(HubApp hub, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private static string Told(HttpResponseMessage answer) =>
        $"{answer.Headers.GetValues("RateLimit-Policy").Single()} {answer.Headers.GetValues("RateLimit").Single()}";

    private static async Task<HttpResponseMessage> UntilTooManyAsync(
        Func<Task<HttpResponseMessage>> ask, HttpStatusCode tooMany = HttpStatusCode.TooManyRequests)
    {
        for (var i = 0; i < 50; i++)
        {
            var answer = await ask();
            if (answer.StatusCode == tooMany)
            {
                return answer;
            }

            answer.Dispose();
        }

        throw new InvalidOperationException("Fifty requests were not too many.");
    }
}
