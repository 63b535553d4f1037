using System.Net;
using System.Text;
using System.Text.Json;
using ActivityHub.Conformance.Streams;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>Messages to the phone, from an owner or from an app that may reply.</summary>
public sealed class MessagesTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_message_rides_on_each_answer_until_the_phone_says_that_it_has_it(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var sent = await WriteAsync(scene.Owner.Http, scene.Feed, """{"text":"Dinner is\nready","url":"https://example.org/menu"}""");
        sent.GetProperty("state").GetString().ShouldBe("waiting");
        var id = sent.GetProperty("id").GetString()!;

        for (var time = 0; time < 2; time++)
        {
            var message = (await PostAsync(scene)).GetProperty("messages").EnumerateArray().ShouldHaveSingleItem();
            message.GetProperty("id").GetString().ShouldBe(id);
            message.GetProperty("text").GetString().ShouldBe("Dinner is\nready");
            message.GetProperty("url").GetString().ShouldBe("https://example.org/menu");
            message.GetProperty("from").GetString().ShouldBe("owner");
        }

        var seen = await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/messages/{id}");
        seen.GetProperty("state").GetString().ShouldBe("sent");
        seen.GetProperty("way").GetString().ShouldBe("answer");

        (await AcknowledgeAsync(scene, id)).ShouldBe(1);
        (await AcknowledgeAsync(scene, id)).ShouldBe(0);
        (await PostAsync(scene)).TryGetProperty("messages", out _).ShouldBeFalse();
        (await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/messages/{id}")).GetProperty("state").GetString()
            .ShouldBe("acknowledged");
    }

    [Theory, BothDatabases]
    public async Task A_batch_is_answered_with_messages_too_and_so_is_the_ingest_address(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await WriteAsync(scene.Owner.Http, scene.Feed, """{"command":"locate","arguments":{"times":3}}""");

        using var batch = await scene.Phone.TryPostAsync("""[{"kind":"x"},{"kind":"x"}]""");
        var ofBatch = (await batch.JsonAsync()).GetProperty("messages")[0];
        using var pasted = await scene.Hub.Http.PostJsonAsync(scene.Phone.IngestUrl!, """{"battery":47}""");
        var ofAddress = (await pasted.JsonAsync(pasted.StatusCode)).GetProperty("messages")[0];

        ofBatch.GetProperty("command").GetString().ShouldBe("locate");
        ofBatch.GetProperty("arguments").GetProperty("times").GetInt32().ShouldBe(3);
        ofAddress.GetProperty("id").GetString().ShouldBe(ofBatch.GetProperty("id").GetString());
    }

    [Theory, BothDatabases]
    public async Task An_inbox_that_is_followed_has_what_waits_and_then_each_message_as_it_comes(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await WriteAsync(scene.Owner.Http, scene.Feed, """{"text":"before"}""");
        await using var inbox = await EventStream.OpenAsync(scene.Phone.Http, $"/devices/{scene.Phone.Id}/inbox");
        (await inbox.NextOfAsync("message")).Native.GetProperty("text").GetString().ShouldBe("before");

        var live = await WriteAsync(scene.Owner.Http, scene.Feed, """{"text":"live"}""");

        var (id, native) = await inbox.NextOfAsync("message");
        id.ShouldBe(live.GetProperty("id").GetString());
        native.GetProperty("text").GetString().ShouldBe("live");
        await using var again = await EventStream.OpenAsync(scene.Phone.Http, $"/devices/{scene.Phone.Id}/inbox", id);
        (await again.NextOfAsync("message")).Native.GetProperty("text").GetString().ShouldBe("before");
    }

    [Theory, BothDatabases]
    public async Task An_inbox_closes_within_two_seconds_once_its_key_is_changed_and_opens_to_the_new_key_alone(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var inbox = await EventStream.OpenAsync(scene.Phone.Http, $"/devices/{scene.Phone.Id}/inbox");

        using var changed = await scene.Owner.Http.PostAsync($"/api/devices/{scene.Phone.Id}/key", null, Cancel);
        var key = (await changed.JsonAsync()).GetProperty("key").GetString()!;

        await inbox.EndsWithinAsync(TimeSpan.FromSeconds(2));
        using var old = await scene.Phone.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox");
        await old.ProblemAsync(HttpStatusCode.Unauthorized);
        using var renewed = await scene.Hub.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox", ("Authorization", Basic(key)));
        (await renewed.JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_inbox_opens_to_the_key_of_the_ingest_address_too_and_to_no_other_phone()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var other = await scene.Owner.AddDeviceAsync();
        var ingestKey = scene.Phone.IngestUrl!.Split('/')[^1];

        using var byIngestKey = await scene.Hub.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox", ("Authorization", Bearer(ingestKey)));
        using var byOther = await other.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox");

        (await byIngestKey.JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(0);
        await byOther.ProblemAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_phone_holds_a_handful_of_streams_open()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        // Held to the end: the collector closes the connection of a stream that nothing refers to.
        var open = new List<EventStream>();
        for (var i = 0; i < 8; i++)
        {
            open.Add(await EventStream.OpenAsync(scene.Phone.Http, $"/devices/{scene.Phone.Id}/inbox"));
        }

        using var one = await scene.Phone.Http.AskAsync($"/devices/{scene.Phone.Id}/inbox", ("Accept", "text/event-stream"));

        await one.ProblemAsync(HttpStatusCode.TooManyRequests);
        foreach (var stream in open)
        {
            await stream.DisposeAsync();
        }
    }

    [Theory, BothDatabases]
    public async Task A_grant_with_the_right_to_reply_writes_sees_and_takes_back_its_own_alone(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var (first, second) = (await ReplierAsync(scene, "pharmacy"), await ReplierAsync(scene, "bakery"));
        var (mine, others) = (await WriteAsync(
            first, scene.Feed, """{"text":"ready"}"""), await WriteAsync(second, scene.Feed, """{"text":"warm"}"""));
        await WriteAsync(scene.Owner.Http, scene.Feed, """{"text":"come home"}""");

        var list = (await first.JsonAsync($"/api/feeds/{scene.Feed}/messages")).GetProperty("items");
        list.EnumerateArray().ShouldHaveSingleItem().GetProperty("from").GetString().ShouldBe("pharmacy");
        (await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/messages")).GetProperty("items").GetArrayLength().ShouldBe(3);

        using var notMine = await first.DeleteAsync($"/api/feeds/{scene.Feed}/messages/{others.GetProperty("id").GetString()}", Cancel);
        await notMine.ProblemAsync(HttpStatusCode.NotFound);
        using var taken = await first.DeleteAsync($"/api/feeds/{scene.Feed}/messages/{mine.GetProperty("id").GetString()}", Cancel);
        (await taken.JsonAsync()).GetProperty("state").GetString().ShouldBe("revoked");
        using var byOwner = await scene.Owner.Http.DeleteAsync(
            $"/api/feeds/{scene.Feed}/messages/{others.GetProperty("id").GetString()}", Cancel);
        (await byOwner.JsonAsync()).GetProperty("state").GetString().ShouldBe("revoked");
        (await InboxAsync(scene)).EnumerateArray().ShouldHaveSingleItem().GetProperty("text").GetString().ShouldBe("come home");
    }

    [Fact]
    public async Task Who_may_only_read_finds_no_outbox()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var byReader = await scene.Hub.Http.SendAsync(
            HttpMethod.Post, $"/api/feeds/{scene.Feed}/messages", Json("""{"text":"x"}"""), ("Authorization", Bearer(scene.Grant.Key!)));
        using var inAddress = await scene.Hub.Http.PostJsonAsync(
            $"/api/feeds/{scene.Feed}/messages?key={scene.Grant.Key}", """{"text":"x"}""");
        using var isPublic = await scene.Owner.TryGrantAsync(
            scene.Feed, new TestGrantRequest { Public = true, Rights = ["read", "reply"] });

        await byReader.ProblemAsync(HttpStatusCode.NotFound);
        await inAddress.ProblemAsync(HttpStatusCode.NotFound);
        (await isPublic.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("detail").GetString()!.ShouldContain("public");
    }

    [Theory, BothDatabases]
    public async Task What_a_grant_has_sent_goes_no_further_once_it_ends_or_may_no_longer_reply(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        foreach (var ends in new[] { true, false })
        {
            var grant = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Name = "shop", Rights = ["read", "reply"] });
            using var http = With(scene, grant.Key!);
            var sent = await WriteAsync(http, scene.Feed, """{"text":"buy"}""");

            using var ended = ends
                ? await scene.Owner.Http.DeleteAsync($"/api/grants/{grant.Id}", Cancel)
                : await scene.Owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/grants/{grant.Id}", """{"rights":["read"]}""");
            ended.IsSuccessStatusCode.ShouldBeTrue();

            (await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/messages/{sent.GetProperty("id").GetString()}"))
                .GetProperty("state").GetString().ShouldBe("revoked");
            (await InboxAsync(scene)).GetArrayLength().ShouldBe(0);
            using var after = await http.PostJsonAsync($"/api/feeds/{scene.Feed}/messages", """{"text":"buy"}""");
            await after.ProblemAsync(HttpStatusCode.NotFound);
        }

        (await PostAsync(scene)).TryGetProperty("messages", out _).ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task A_grant_writes_ten_a_minute_and_is_told_what_is_left(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var http = await ReplierAsync(scene, "chatter");
        for (var i = 9; i >= 0; i--)
        {
            using var taken = await http.PostJsonAsync($"/api/feeds/{scene.Feed}/messages", """{"text":"x"}""");
            taken.StatusCode.ShouldBe(HttpStatusCode.Created);
            string.Join(", ", taken.Headers.GetValues("RateLimit")).ShouldContain($"\"grant-minute\";r={i};");
        }

        using var refused = await http.PostJsonAsync($"/api/feeds/{scene.Feed}/messages", """{"text":"x"}""");

        await refused.ProblemAsync(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        string.Join(", ", refused.Headers.GetValues("RateLimit-Policy")).ShouldContain("\"grant-hour\";q=60;w=3600");
    }

    [Fact]
    public async Task A_hundred_messages_wait_and_no_more()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        for (var i = 0; i < 100; i++)
        {
            await WriteAsync(scene.Owner.Http, scene.Feed, """{"text":"x"}""");
        }

        using var full = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/messages", """{"text":"x"}""");

        await full.ProblemAsync(HttpStatusCode.Conflict);
        (await PostAsync(scene)).GetProperty("messages").GetArrayLength().ShouldBe(10);
    }

    [Theory]
    [InlineData("{}", "text")]
    [InlineData("""{"text":"a\u0000b"}""", "text")]
    [InlineData("""{"url":"javascript:alert(1)"}""", "url")]
    [InlineData("""{"url":"https://me:secret@example.org/"}""", "url")]
    [InlineData("""{"text":"x","command":"y"}""", "command")]
    [InlineData("""{"command":"two words"}""", "command")]
    [InlineData("""{"text":"x","arguments":{}}""", "arguments")]
    [InlineData("""{"command":"x","arguments":[]}""", "arguments")]
    [InlineData("""{"text":"x","expiresIn":59}""", "expiresIn")]
    [InlineData("""{"text":"x","expiresIn":604801}""", "expiresIn")]
    [InlineData("""{"text":"x","priority":1}""", "priority")]
    public async Task A_message_that_cannot_be_sent_is_refused_by_the_member_at_fault(string json, string member)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var refused = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/messages", json);

        (await refused.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateArray()
            .ShouldContain(fault => fault.GetProperty("path").GetString() == member);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"ids":[]}""")]
    [InlineData("""{"ids":[7]}""")]
    [InlineData("""{"ids":["no id"]}""")]
    public async Task An_acknowledgement_that_names_no_message_is_refused(string json)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var refused = await scene.Phone.Http.PostJsonAsync($"/devices/{scene.Phone.Id}/inbox/acknowledged", json);

        (await refused.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("detail").GetString()!.ShouldContain("\"ids\"");
    }

    // The use case: an app subscribed to a phone's places answers an arrival, and the phone gets the answer at once.
    [Theory, BothDatabases]
    public async Task An_app_answers_an_arrival_and_the_phone_has_its_message(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var grant = await scene.Owner.GrantAsync(
            scene.Feed, new TestGrantRequest { Name = "pharmacy", Kinds = ["geo"], Rights = ["read", "subscribe", "reply"] });
        using var app = With(scene, grant.Key!);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync($"{scene.Bare("json")}?kind=geo&key={grant.Key}", callback.Url(), content: "delta");
        await using var inbox = await EventStream.OpenAsync(scene.Phone.Http, $"/devices/{scene.Phone.Id}/inbox");
        var milliseconds = new List<double>();

        for (var visit = 1; visit <= 5; visit++)
        {
            var began = TimeProvider.System.GetTimestamp();
            await scene.Phone.PostAsync(
                $$"""{"kind":"geo","location":{"lat":48.85,"lon":2.29},"data":{"event":"entered","place":"pharmacy","visit":{{visit}}} }""");
            var arrival = (await callback.WaitForAsync(visit))[visit - 1];
            arrival.Text.ShouldContain("entered");
            await WriteAsync(app, scene.Feed, $$"""{"text":"Your order {{visit}} is ready"}""");

            (await inbox.NextOfAsync("message")).Native.GetProperty("text").GetString().ShouldBe($"Your order {visit} is ready");
            milliseconds.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{database}: arrival to message on the phone, ms: {string.Join(", ", milliseconds.Select(ms => ms.ToString("0")))}");
        milliseconds.ShouldAllBe(ms => ms < 10_000);
    }

    private static async Task<JsonElement> WriteAsync(HttpClient http, string feed, string json)
    {
        using var response = await http.PostJsonAsync($"/api/feeds/{feed}/messages", json);
        return await response.JsonAsync(HttpStatusCode.Created);
    }

    private static async Task<JsonElement> PostAsync(Scene scene)
    {
        using var response = await scene.Phone.TryPostAsync("""{"kind":"battery"}""");
        return await response.JsonAsync(HttpStatusCode.Created);
    }

    private static async Task<int> AcknowledgeAsync(Scene scene, string id)
    {
        using var response = await scene.Phone.Http.PostJsonAsync(
            $"/devices/{scene.Phone.Id}/inbox/acknowledged", $$"""{"ids":["{{id}}"]}""");
        return (await response.JsonAsync()).GetProperty("acknowledged").GetInt32();
    }

    private static async Task<JsonElement> InboxAsync(Scene scene) =>
        (await scene.Phone.Http.JsonAsync($"/devices/{scene.Phone.Id}/inbox")).GetProperty("items");

    private static async Task<HttpClient> ReplierAsync(Scene scene, string name) =>
        With(scene, (await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Name = name, Rights = ["read", "reply"] })).Key!);

    private static HttpClient With(Scene scene, string key) => scene.Hub.HttpAs(key);

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
