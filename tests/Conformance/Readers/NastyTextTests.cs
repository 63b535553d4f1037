using System.ServiceModel.Syndication;
using System.Text.Json;
using System.Xml;
using ActivityHub.Conformance.WebSub;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Readers;

/// <summary>Any text that a phone may send appears well-formed and unchanged in every format, for readers and callbacks.</summary>
public sealed class NastyTextTests(SharedHubs hubs)
{
    public static TheoryData<string, string> Texts => new()
    {
        { "control characters", "\u0001\u0008\u000B\u000C\u001F\u007F\u0085\u009F" },
        { "white space", " \ta\r\n\r  \u00A0b\u2003 " },
        { "the end of a CDATA section", "]]> <![CDATA[ ]]]]><![CDATA[>" },
        { "the end of a script", "</script><script>alert(1)</script><!-- --> \u2028\u2029" },
        { "markup", "<b>&amp;&lt;\"'`/><?xml?>&#0;&unknown;" },
        { "right to left", "\u202E\u202Dאבג\u2066مرحبا\u2069\u200F" },
        { "emoji", "😀👩‍👩‍👧‍👦🇧🇷\U0010FFFF" },
        { "what is no character", "\uFFFE\uFFFF\uFDD0\U0001FFFE\uFEFF" },
        { "escapes", "\\u0041\\n\\\"\\\\" },
    };

    [Theory, MemberData(nameof(Texts))]
    public async Task It_comes_out_of_every_format_as_it_went_in(string what, string text)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        await using var callback = await CallbackListener.StartAsync();
        foreach (var format in new[] { "atom", "rss", "json", "js", "geojson" })
        {
            await scene.SubscribeAsync(scene.Keyed(format), callback.Url("/" + format));
        }

        await SendAsync(scene, text);

        foreach (var format in new[] { "atom", "rss", "json", "js", "geojson" })
        {
            var document = await scene.Hub.GetStringAsync(scene.Keyed(format));
            foreach (var told in new[] { document, (await callback.At("/" + format).WaitForAsync(1))[0].Text })
            {
                var native = Delivered.Natives(told).ShouldHaveSingleItem();
                native.GetProperty("title").GetString().ShouldBe(text, $"{what} in {format}");
                var data = native.GetProperty("data").EnumerateObject().ShouldHaveSingleItem();
                data.Name.ShouldBe(text, $"{what} in {format}");
                data.Value[0].GetString().ShouldBe(text, $"{what} in {format}");
                if (format is "atom" or "rss")
                {
                    using var xml = XmlReader.Create(new StringReader(told));
                    SyndicationFeed.Load(xml).Items.ShouldHaveSingleItem().Title.ShouldNotBeNull();
                }
            }

            // A page may embed the document in a script element, which ends only at its end tag.
            if (format is "js" or "json")
            {
                document.ShouldNotContain("</script", Case.Insensitive);
            }

            if (format is "js")
            {
                document.IndexOfAny(['\u2028', '\u2029']).ShouldBe(-1);
            }
        }
    }

    [Theory, BothDatabases]
    public async Task The_databases_keep_it_too(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var texts = Texts.Select(row => row.Data.Item2).ToList();
        foreach (var text in texts)
        {
            await SendAsync(scene, text);
        }

        var natives = Delivered.Natives(await scene.Hub.GetStringAsync(scene.Keyed("json") + "&after=0"));

        natives.Select(native => native.GetProperty("title").GetString()).ShouldBe(texts);
    }

    [Theory, BothDatabases]
    public async Task Ids_are_kept_apart_however_odd_they_are(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        string[] ids = ["a", "A", "á", "a\u0301", " a", "a ", "<&\"']]>", "😀", "\uFFFE", "%00", "'; DROP TABLE updates; --"];
        foreach (var id in ids)
        {
            await scene.Phone.PostAsync(JsonSerializer.Serialize(new { id, kind = "x" }));
        }

        Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Keyed("json") + "&after=0")).ShouldBe(ids);
        Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Keyed("atom") + "&after=0")).ShouldBe(ids);
    }

    // U+0000 is the only character that neither XML nor PostgreSQL can store.
    [Theory, BothDatabases]
    public async Task NUL_in_a_title_becomes_the_replacement_character_and_in_data_stays_an_escape(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        await scene.Phone.PostAsync("""{"kind":"x","title":"a\u0000b","data":{"a\u0000":"c\u0000d"} }""");

        foreach (var format in new[] { "atom", "rss", "json", "geojson" })
        {
            var native = Delivered.Natives(await scene.Hub.GetStringAsync(scene.Keyed(format))).ShouldHaveSingleItem();
            native.GetProperty("title").GetString().ShouldBe("a\uFFFDb");
            native.GetProperty("data").GetProperty("a\0").GetString().ShouldBe("c\0d");
        }
    }

    private static Task<Posted> SendAsync(Scene scene, string text) => scene.Phone.PostAsync(JsonSerializer.Serialize(new
    {
        kind = "x",
        title = text,
        data = new Dictionary<string, string[]> { [text] = [text] },
    }));
}
