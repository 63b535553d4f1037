using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Readers;

/// <summary>Reading the whole feed, and polling it, without missed or repeated updates.</summary>
public sealed class PagesTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task Next_links_walk_the_whole_feed_exactly_once_while_the_phone_writes(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await PostBatchAsync(scene, 1, 95);
        var read = new List<string?>();
        var written = 95;

        for (var url = $"{scene.Keyed("json")}&limit=10"; url is not null; await PostBatchAsync(scene, ++written, 1))
        {
            using var answer = await scene.Hub.Http.AskAsync(url);
            var text = await answer.TextAsync();
            read.AddRange(Delivered.PhoneIds(text));
            url = answer.Links().SingleOrDefault(link => link.Rel == "next").Target;
            // The document has the same link as the header.
            var inside = await answer.JsonAsync();
            (inside.TryGetProperty("next_url", out var next) ? next.GetString() : null).ShouldBe(url);
        }

        read.ShouldBe(Enumerable.Range(1, 95).Reverse().Select(i => $"u{i}"));
    }

    [Theory]
    [InlineData("atom")]
    [InlineData("rss")]
    [InlineData("geojson")]
    public async Task Every_format_has_its_next_link_and_keeps_what_was_chosen(string format)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await PostBatchAsync(scene, 1, 30);
        var read = new List<string?>();

        for (var url = $"{scene.Keyed(format)}&limit=7&kind=odd"; url is not null;)
        {
            using var answer = await scene.Hub.Http.AskAsync(url);
            read.AddRange(Delivered.PhoneIds(await answer.TextAsync()));
            url = answer.Links().SingleOrDefault(link => link.Rel == "next").Target;
            if (url is not null && format != "geojson")
            {
                (await answer.TextAsync()).ShouldContain(url.Replace("&", "&amp;", StringComparison.Ordinal));
            }
        }

        read.ShouldBe(Enumerable.Range(1, 30).Reverse().Where(i => i % 2 == 1).Select(i => $"u{i}"));
    }

    [Theory, BothDatabases]
    public async Task Polling_after_the_last_position_loses_nothing_while_phones_write(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        const int writers = 4, each = 25, all = writers * each;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            for (var i = 0; i < each; i++)
            {
                await PostBatchAsync(scene, (writer * each) + i, 1);
            }
        }));
        var seen = new List<(long Seq, string Id)>();

        await Eventually.ShouldAsync(
            async () =>
            {
                var after = seen.Count == 0 ? 0 : seen[^1].Seq;
                var document = await scene.Hub.GetStringAsync($"{scene.Keyed("json")}&after={after}&limit=9");
                seen.AddRange(Delivered.Natives(document)
                    .Select(native => (native.GetProperty("seq").GetInt64(), native.GetProperty("id").GetString()!)));
                return seen.Count >= all;
            },
            TimeSpan.FromSeconds(30));
        await writing;

        seen.Select(one => one.Seq).ShouldBe(Enumerable.Range(1, all).Select(i => (long)i));
        seen.Select(one => one.Id).Order().ShouldBe(Enumerable.Range(0, all).Select(i => $"u{i}").Order());
    }

    [Theory, BothDatabases]
    public async Task After_leads_on_by_its_next_links_too_and_ends(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await PostBatchAsync(scene, 1, 45);
        var read = new List<string?>();

        for (var url = $"{scene.Keyed("json")}&after=5&limit=10"; url is not null;)
        {
            using var answer = await scene.Hub.Http.AskAsync(url);
            read.AddRange(Delivered.PhoneIds(await answer.TextAsync()));
            url = answer.Links().SingleOrDefault(link => link.Rel == "next").Target;
        }

        read.ShouldBe(Enumerable.Range(6, 40).Select(i => $"u{i}"));
    }

    [Fact]
    public async Task Fifty_unless_said_and_two_hundred_at_most()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await PostBatchAsync(scene, 1, 210);

        Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Keyed("atom"))).Count.ShouldBe(50);
        Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Keyed("atom") + "&limit=200")).Count.ShouldBe(200);
    }

    private static Task PostBatchAsync(Scene scene, int first, int count)
    {
        var updates = Enumerable.Range(first, count).Select(i => $$"""{"id":"u{{i}}","kind":"{{(i % 2 == 1 ? "odd" : "even")}}"}""");
        return scene.Phone.PostAsync($"[{string.Join(',', updates)}]");
    }
}
