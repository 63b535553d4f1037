using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery, Documents; WebSub §7 allows a diff only for Atom and RSS.
public sealed class ContentTests(Hubs hubs)
{
    [Theory, BothDatabases]
    public async Task Atom_RSS_and_deltas_carry_what_is_new_and_the_JSON_formats_the_topics_contents(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 3);
        var urls = stage.Reader.Urls;
        await stage.SubscribeAsync(host.At("/atom"), urls.Atom);
        await stage.SubscribeAsync(host.At("/rss"), urls.Rss);
        await stage.SubscribeAsync(host.At("/json"), urls.Json);
        await stage.SubscribeAsync(host.At("/js"), urls.Js);
        await stage.SubscribeAsync(host.At("/geojson"), urls.Geojson);
        await stage.SubscribeAsync(host.At("/json-delta"), urls.Json, content: "delta", secret: "s");
        await stage.SubscribeAsync(host.At("/geojson-delta"), urls.Geojson, content: "delta");

        await stage.PostAsync(4, 5);

        (string Path, string Type, int[] Numbers)[] expected =
        [
            ("/atom", "application/atom+xml", [4, 5]),
            ("/rss", "application/rss+xml", [4, 5]),
            ("/json", "application/feed+json", [1, 2, 3, 4, 5]),
            ("/js", "application/javascript", [1, 2, 3, 4, 5]),
            ("/geojson", "application/geo+json", [1, 2, 3, 4, 5]),
            ("/json-delta", "application/feed+json", [4, 5]),
            ("/geojson-delta", "application/geo+json", [4, 5]),
        ];
        foreach (var (path, type, numbers) in expected)
        {
            var delivery = (await host.At(path).WaitForAsync(1))[0];
            delivery.Header("Content-Type").ShouldBe(type + "; charset=utf-8");
            delivery.Numbers().ShouldBe(numbers, path);
            delivery.Header("Hub-Updates").ShouldBe("4-5");
        }

        // §3: "signed … delta-JSON": the signature covers the bytes that were sent.
        var signed = host.At("/json-delta").Deliveries[0];
        signed.Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "s", signed.Body.Span));
    }

    // "all that is new, and older ones up to 50"
    [Theory, BothDatabases]
    public async Task The_JSON_formats_add_older_updates_up_to_fifty_and_hold_all_that_is_new(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 70);
        await stage.SubscribeAsync(host.Default, stage.Reader.Urls.Json);

        await stage.PostAsync(71, 75);
        (await host.WaitForAsync(1))[0].Numbers().ShouldBe(Enumerable.Range(26, 50));
        await stage.PostAsync(76, 155);
        await host.WaitUntilAsync(all => all.HaveUpTo(155));

        host.Deliveries[^1].Numbers().ShouldBe(Enumerable.Range(76, 80));
        using var document = JsonDocument.Parse(host.Deliveries[^1].Body);
        document.RootElement.GetProperty("feed_url").GetString().ShouldBe(stage.Reader.Urls.Json);
        document.RootElement.GetProperty("items").GetArrayLength().ShouldBe(80);
    }

    // "older ones up to 50 or 512 KiB"
    [Theory, BothDatabases]
    public async Task Older_updates_are_left_out_where_the_document_would_grow_too_large(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.PostAsync(1, 15, padding: 60_000);
        await stage.SubscribeAsync(host.Default, stage.Reader.Urls.Geojson);

        await stage.PostAsync(16, 16, padding: 60_000);

        var delivery = (await host.WaitForAsync(1))[0];
        delivery.Numbers().ShouldBe(Enumerable.Range(9, 8));
        delivery.Body.Length.ShouldBeLessThan(560 * 1024);
    }

    // "rendered once per (view, format, from, to)": the same bytes for all subscribers of a view, and never another subscriber's key.
    [Theory, BothDatabases]
    public async Task Subscribers_of_one_view_get_the_same_bytes_and_none_gets_anothers_key(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var second = await stage.Owner.GrantAsync(stage.Phone.Feed);
        await stage.SubscribeAsync(host.At("/a"));
        await stage.SubscribeAsync(host.At("/b"));
        await stage.SubscribeAsync(host.At("/c"), second.Urls.Atom);

        await stage.PostAsync(1, 1);

        var a = (await host.At("/a").WaitForAsync(1))[0];
        var b = (await host.At("/b").WaitForAsync(1))[0];
        var c = (await host.At("/c").WaitForAsync(1))[0];
        b.Body.Span.SequenceEqual(a.Body.Span).ShouldBeTrue();
        Encoding.UTF8.GetString(a.Body.Span).ShouldNotContain(second.Key!);
        c.Text.ShouldContain(second.Key!);
        c.Text.ShouldNotContain(stage.Reader.Key!);
    }
}
