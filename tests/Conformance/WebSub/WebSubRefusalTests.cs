using System.Net;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.WebSub;

/// <summary>H16: an invalid request to /hub is answered in plain text, with every fault at once, and changes nothing.</summary>
public sealed class WebSubRefusalTests(SharedHubs hubs)
{
    private const string Callback = "http://127.0.0.1:9/cb";

    [Theory]
    [InlineData("hub.mode", null)]
    [InlineData("hub.mode", "subscribee")]
    [InlineData("hub.topic", null)]
    [InlineData("hub.topic", "not a url")]
    [InlineData("hub.topic", "https://another.example.org/feeds/x.atom")]
    [InlineData("hub.topic", "{base}/somewhere/else")]
    [InlineData("hub.topic", "{topic}&limit=5")]
    [InlineData("hub.topic", "{topic}&before=3")]
    [InlineData("hub.callback", null)]
    [InlineData("hub.callback", "")]
    [InlineData("hub.callback", "/relative")]
    [InlineData("hub.callback", "ftp://127.0.0.1/cb")]
    [InlineData("hub.callback", "file:///etc/passwd")]
    [InlineData("hub.callback", "http://user:word@127.0.0.1:9/cb")]
    [InlineData("hub.lease_seconds", "-1")]
    [InlineData("hub.lease_seconds", "0")]
    [InlineData("hub.lease_seconds", "soon")]
    [InlineData("hub.lease_seconds", "1.5")]
    [InlineData("hub.signature", "md5")]
    [InlineData("hub.content", "half")]
    [InlineData("hub.after", "yesterday")]
    [InlineData("hub.after", "-1")]
    public async Task H16_A_fault_is_named_in_plain_text(string field, string? value)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var fields = new Dictionary<string, string?>
        {
            ["hub.mode"] = "subscribe",
            ["hub.topic"] = scene.Topic,
            ["hub.callback"] = Callback,
        };
        fields[field] = value?.Replace("{base}", scene.Hub.BaseUrl).Replace("{topic}", scene.Topic);

        using var answer = await scene.Hub.PostHubAsync([.. fields.Select(one => (one.Key, one.Value))]);

        var text = await answer.TextAsync();
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        text.ShouldContain(field);
        text.ShouldNotContain(scene.Grant.Key!);
        (await scene.Owner.SubscriptionsAsync(scene.Feed)).ShouldBeEmpty();
    }

    [Fact]
    public async Task H16_All_faults_are_named_at_once()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Hub.PostHubAsync(
            ("hub.mode", "subscribe"), ("hub.topic", scene.Topic), ("hub.callback", "nowhere"), ("hub.lease_seconds", "-1"),
            ("hub.secret", new string('s', 200)));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var text = await answer.TextAsync();
        text.ShouldContain("hub.callback");
        text.ShouldContain("hub.lease_seconds");
        text.ShouldContain("hub.secret");
        text.ShouldNotContain(new string('s', 200));
    }

    [Fact]
    public async Task H16_Another_content_type_another_method_and_too_much_are_refused()
    {
        var hub = await hubs.OnAsync(Database.Sqlite);

        using var json = await hub.Http.PostJsonAsync("/hub", """{"hub.mode":"subscribe"}""");
        using var get = await hub.Http.AskAsync("/hub");
        using var large = await hub.PostHubAsync(("hub.mode", "subscribe"), ("hub.topic", new string('t', 70_000)));

        json.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        ((int)get.StatusCode).ShouldBeInRange(400, 499);
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task H16_A_form_that_is_not_UTF_8_is_refused()
    {
        var hub = await hubs.OnAsync(Database.Sqlite);
        using var form = new ByteArrayContent(
            Encoding.ASCII.GetBytes("hub.mode=subscribe&hub.topic=%FF%FE&hub.callback=http%3A%2F%2F127.0.0.1%3A9%2F"));
        form.Headers.ContentType = new("application/x-www-form-urlencoded");

        using var answer = await hub.Http.PostAsync("/hub", form, Cancel);

        ((int)answer.StatusCode).ShouldBeInRange(400, 499);
    }

    // H1, H11, H20: a key decides who may subscribe; a client without access learns nothing about existing feeds.
    [Theory, BothDatabases]
    public async Task H20_Who_may_not_see_a_feed_gets_the_404_of_one_that_is_not_there(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var stranger = await Scene.SetAsync(scene.Hub);
        string[] topics =
        [
            scene.Bare("atom"),
            scene.Bare("atom") + "?key=" + stranger.Grant.Key,
            scene.Bare("atom") + "?key=" + scene.Phone.Key,
            scene.Bare("atom") + "?key=" + stranger.Owner.Token,
            $"{scene.Hub.BaseUrl}/feeds/000000000000.atom?key={scene.Grant.Key}",
        ];

        var answers = new List<(HttpStatusCode, string, string?)>();
        foreach (var topic in topics)
        {
            using var answer = await scene.Hub.TrySubscribeAsync(topic, Callback);
            answers.Add((answer.StatusCode, await answer.TextAsync(), answer.Content.Headers.ContentType?.ToString()));
        }

        var (status, _, mediaType) = answers.Distinct().ShouldHaveSingleItem();
        status.ShouldBe(HttpStatusCode.NotFound);
        mediaType.ShouldStartWith("text/plain");
    }

    [Fact]
    public async Task H20_A_key_without_the_right_to_subscribe_may_not()
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);
        var reader = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Rights = ["read"] });

        using var answer = await scene.Hub.TrySubscribeAsync(reader.Urls.Atom, Callback);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
