using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Streams;

/// <summary>Following a feed live, by Server-Sent Events.</summary>
public sealed class StreamTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task An_update_arrives_live_under_its_position(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("before");
        await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream);

        await scene.PostEachAsync("a", "b");

        var (id, native) = await stream.NextAsync();
        id.ShouldBe("2");
        native.GetProperty("id").GetString().ShouldBe("a");
        native.GetProperty("seq").GetInt64().ShouldBe(2);
        (await stream.NextAsync()).Id.ShouldBe("3");
        var cache = stream.Head.Headers.CacheControl!;
        (cache.NoCache || cache.NoStore).ShouldBeTrue();
    }

    [Theory, BothDatabases]
    public async Task A_reader_that_comes_back_goes_on_from_the_log_without_a_gap(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        string last;
        await using (var first = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream))
        {
            await scene.PostEachAsync("a", "b");
            await first.NextAsync(2);
            last = first.LastEventId;
        }

        await scene.Phone.PostAsync($"[{string.Join(',', Enumerable.Range(0, 300).Select(i => $$"""{"id":"m{{i}}","kind":"x"}"""))}]");
        await using var again = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream, last);
        var writing = scene.PostEachAsync("live");

        (await again.NextAsync(301)).ShouldBe([.. Enumerable.Range(0, 300).Select(i => $"m{i}"), "live"]);
        await writing;
    }

    // A browser that loses the connection before the first event also has an id to continue from.
    [Theory, BothDatabases]
    public async Task Nothing_is_lost_between_the_opening_and_the_first_event(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("old");

        for (var round = 0; round < 10; round++)
        {
            await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream);
            await scene.PostEachAsync($"r{round}");
            (await stream.NextAsync(1)).ShouldBe([$"r{round}"]);
        }
    }

    [Theory, BothDatabases]
    public async Task While_many_phones_write_each_update_comes_once_and_in_order(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream);
        var writing = Task.WhenAll(
            Enumerable.Range(0, 4).Select(writer => scene.PostEachAsync([.. Enumerable.Range(0, 20).Select(i => $"{writer}-{i}")])));

        var positions = new List<string?>();
        while (positions.Count < 80)
        {
            positions.Add((await stream.NextAsync()).Id);
        }

        await writing;
        positions.ShouldBe(Enumerable.Range(1, 80).Select(i => i.ToString()));
    }

    [Theory]
    [InlineData("?kind=geo")]
    [InlineData("?kind=geo,none")]
    [InlineData("?kind=geo&kind=none")]
    public async Task Kinds_may_be_chosen(string query)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var stream = await EventStream.OpenAsync(scene.Hub.Http, $"/feeds/{scene.Feed}/stream{query}&key={scene.Grant.Key}");

        await scene.PostEachAsync("battery");
        await scene.Phone.PostAsync("""{"id":"geo","kind":"geo"}""");

        (await stream.NextAsync(1)).ShouldBe(["geo"]);
    }

    [Fact]
    public async Task A_start_may_be_chosen()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await scene.PostEachAsync("a", "b", "c");

        await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream + "&after=1");

        (await stream.NextAsync(2)).ShouldBe(["b", "c"]);
    }

    [Theory, BothDatabases]
    public async Task A_stream_closes_within_two_seconds_once_its_key_is_revoked(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var revoked = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream);
        await using var ofOwner = await EventStream.OpenAsync(scene.Owner.Http, $"/feeds/{scene.Feed}/stream");

        await scene.Owner.RevokeAsync(scene.Grant);
        await revoked.EndsWithinAsync(TimeSpan.FromSeconds(2));

        await scene.PostEachAsync("a");
        (await ofOwner.NextAsync(1)).ShouldBe(["a"]);
    }

    [Theory, BothDatabases]
    public async Task Streams_of_a_device_that_is_removed_close(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var stream = await EventStream.OpenAsync(scene.Hub.Http, scene.Grant.Urls.Stream);

        using var answer = await scene.Owner.Http.DeleteAsync($"/api/devices/{scene.Phone.Id}", Http.Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await stream.EndsWithinAsync(TimeSpan.FromSeconds(2));
    }
}
