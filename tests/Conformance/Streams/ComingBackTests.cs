using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Streams;

/// <summary>EventSource stops finally after any answer but 200 with text/event-stream, so no Last-Event-ID is refused.</summary>
public sealed class ComingBackTests(SharedHubs hubs)
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("18-0")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    public async Task An_id_that_cannot_be_read_starts_now_and_says_that_something_may_be_missing(string id)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("before");
        foreach (var (header, address) in new[] { (id, ""), ((string?)null, "&lastEventId=" + Uri.EscapeDataString(id)) })
        {
            await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream + address, header);
            var (at, _) = await stream.NextOfAsync("gap");
            await scene.PostEachAsync("after" + address.Length);

            int.Parse(at!).ShouldBeGreaterThan(0);
            (await stream.NextAsync(1)).ShouldBe(["after" + address.Length]);
        }
    }

    [Fact]
    public async Task The_polyfill_that_cannot_send_headers_goes_on_by_its_parameter_and_the_header_wins()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("a", "b", "c");

        await using (var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream + "&after=0&lastEventId=1"))
        {
            (await stream.NextAsync(2)).ShouldBe(["b", "c"]);
        }

        await using (var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream + "&lastEventId=0", lastEventId: "2"))
        {
            (await stream.NextAsync(1)).ShouldBe(["c"]);
        }

        using var refused = await scene.Hub.Http.AskAsync(scene.Grant.Urls.Stream + "&after=nonsense");
        await refused.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory, BothDatabases]
    public async Task An_open_stream_is_given_a_new_id_once_its_view_changes_and_goes_on_from_there(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("a");
        string told;
        using (var request = new HttpRequestMessage(HttpMethod.Get, scene.Grant.Urls.Stream))
        using (var response = await scene.Hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel))
        using (var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel)))
        {
            (await NextIdAsync(lines)).ShouldBe("1");
            await ChangeAsync(scene, """{"precision":"1km"}""");
            told = await NextIdAsync(lines);
        }

        told.Length.ShouldBe(22);
        await scene.PostEachAsync("b");
        await using (var again = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream, told))
        {
            (await again.NextAsync()).Native.GetProperty("data").GetProperty("level").GetInt32().ShouldBe(47);
        }

        // An opaque id still works when positions are plain numbers again.
        await ChangeAsync(scene, """{"precision":"exact"}""");
        await using (var again = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream, told))
        {
            (await again.NextAsync(1)).ShouldBe(["b"]);
        }
    }

    // In a view that hides updates, continuing after a plain number would reveal how many were hidden.
    [Theory, BothDatabases]
    public async Task A_number_of_before_is_answered_alike_whatever_it_is_and_the_reader_is_told(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("a", "b", "c");
        await ChangeAsync(scene, """{"kinds":["battery"]}""");

        await using (var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream, "1"))
        {
            (await stream.NextOfAsync("gap")).Id!.Length.ShouldBe(22);
            await scene.PostEachAsync("d");
            (await stream.NextAsync()).Native.GetProperty("data").GetProperty("level").GetInt32().ShouldBe(47);
        }

        foreach (var number in new[] { "after=1", "after=3", "after=99", "before=2", "before=99" })
        {
            using var answer = await scene.Hub.Http.AskAsync(scene.Keyed("json") + "&" + number);
            (await answer.JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(4, number);
            answer.Headers.GetValues("Hub-Gap").ShouldBe(["yes"], number);
        }

        using var none = await scene.Hub.Http.AskAsync(scene.Keyed("json") + "&after=nonsense");
        await none.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_reader_beyond_the_newest_update_is_told()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("a", "b");

        using var beyond = await scene.Hub.Http.AskAsync(scene.Keyed("json") + "&after=10");
        using var within = await scene.Hub.Http.AskAsync(scene.Keyed("json") + "&after=2");

        beyond.Headers.GetValues("Hub-Gap").ShouldBe(["3-10"]);
        beyond.Headers.GetValues("Access-Control-Expose-Headers").Single().ShouldContain("Hub-Gap");
        within.Headers.Contains("Hub-Gap").ShouldBeFalse();
        await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream, "10");
        (await stream.NextOfAsync("gap")).Id.ShouldBe("2");
    }

    [Fact]
    public async Task An_inbox_is_followed_whatever_id_its_reader_comes_back_with()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        using var http = scene.Hub.HttpAs(scene.Phone.Key);
        foreach (var id in new[] { "nonsense", "0000k3n7q2rs", "18" })
        {
            await using var stream = await EventStream.OpenAsync(http, $"/devices/{scene.Phone.Id}/inbox?lastEventId={id}", id);
            stream.Head.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    private static async Task ChangeAsync(Scene scene, string json)
    {
        using var answer = await scene.Owner.Http.SendJsonAsync(HttpMethod.Patch, $"/api/grants/{scene.Grant.Id}", json);
        await answer.JsonAsync();
    }

    private static async Task<string> NextIdAsync(StreamReader lines)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        while (await lines.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                return line[4..];
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }
}
