using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public class TopicTests
{
    private const string Feed = "0123456789ab";
    private static readonly Uri Public = new("https://hub.example.org/phones/");

    [Theory]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom", "https://hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("HTTPS://HUB.example.org:443/phones/feeds/0123456789ab.atom?", "https://hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/phones/x/../feeds/0123456789ab.atom", "https://hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/phones/feeds/%30123456789ab%2Eatom", "https://hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.xml", "https://hub.example.org/phones/feeds/0123456789ab.rss")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.json?key=rk_x&kind=geo",
        "https://hub.example.org/phones/feeds/0123456789ab.json?kind=geo&key=rk_x")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.json?kind=geo,battery&kind=a.b_c-1",
        "https://hub.example.org/phones/feeds/0123456789ab.json?kind=a.b_c-1,battery,geo")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.json?%6Bind=geo%2C+battery,geo,&key=",
        "https://hub.example.org/phones/feeds/0123456789ab.json?kind=battery,geo")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.geojson?key=a%2Bb%26c%3D%20",
        "https://hub.example.org/phones/feeds/0123456789ab.geojson?key=a%2Bb%26c%3D%20")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom/", "https://hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/Phones/FEEDS/0123456789ab.atom/?KEY=rk_x&Kind=geo&_=17",
        "https://hub.example.org/phones/feeds/0123456789ab.atom?kind=geo&key=rk_x")]
    public void Every_spelling_is_read_as_the_one(string text, string canonical)
    {
        Topic.TryParse(text, Public, out var topic, out var fault).ShouldBeTrue(fault);
        topic.Canonical(Public).ShouldBe(canonical);
        Topic.TryParse(canonical, Public, out var again, out _).ShouldBeTrue();
        again.ShouldBe(topic);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/phones/feeds/0123456789ab.atom")]
    [InlineData("feeds/0123456789ab.atom")]
    [InlineData("http://hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org:8443/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org.evil.example/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.pdf")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom//")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789abc.atom")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom#top")]
    [InlineData("https://me@hub.example.org/phones/feeds/0123456789ab.atom")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom?kind=GEO")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom?limit=3")]
    [InlineData("https://hub.example.org/phones/feeds/0123456789ab.atom?key=a&key=b")]
    public void What_is_no_topic_of_this_hub_is_refused_with_a_reason(string text)
    {
        Topic.TryParse(text, Public, out _, out var fault).ShouldBeFalse();
        fault.ShouldStartWith("hub.topic");
    }

    [Fact]
    public void No_fault_repeats_a_key()
    {
        var key = AccessKey.NewReader().Text;
        string[] texts =
        [
            $"https://hub.example.org/phones/feeds/{Feed}.atom?{key}", $"https://hub.example.org/phones/feeds/{Feed}.atom?key=a&key={key}",
            $"https://hub.example.org/phones/feeds/{Feed}.atom?Keys={key}", $"https://hub.example.org/phones/feeds/{Feed}.atom?kind={key}",
            $"https://hub.example.org/phones/feeds/{Feed}.pdf?key={key}", $"https://other.example/feeds/{Feed}.atom?key={key}",
            $"nonsense {key}", $"https://{key}@hub.example.org/phones/feeds/{Feed}.atom",
            $"https://hub.example.org/phones/feeds/{Feed}.atom?key=a#{key}",
            $"https://hub.example.org/phones/feeds/{Feed}.atom?{Uri.EscapeDataString("key=" + key)}",
        ];

        foreach (var text in texts)
        {
            Topic.TryParse(text, Public, out _, out var fault).ShouldBeFalse(text);
            fault.ShouldNotContain(key[3..15]);
        }

        Topic.TryParse($"https://hub.example.org/phones/feeds/{Feed}.atom?key={key}", Public, out var topic, out _).ShouldBeTrue();
        $"{topic}".ShouldNotContain(key[3..15]);
    }

    [Fact]
    public void A_parameter_that_is_too_much_is_named()
    {
        Topic.TryParse($"https://hub.example.org/phones/feeds/{Feed}.atom?limit=3", Public, out _, out var fault).ShouldBeFalse();
        fault.ShouldContain("\"limit\"");
    }

    [Fact]
    public void A_subscription_is_its_topic_its_grant_and_its_callback_wherever_the_hub_is()
    {
        Topic.TryParse($"https://hub.example.org/phones/feeds/{Feed}.atom?kind=geo&key=rk_1", Public, out var topic, out _).ShouldBeTrue();
        Topic.TryParse($"http://localhost/feeds/{Feed}.atom?key=rk_2&kind=geo", new Uri("http://localhost"), out var moved, out _)
            .ShouldBeTrue();
        var identity = topic.IdentityWith("http://c/", 5);

        moved.IdentityWith("http://c/", 5).ShouldBe(identity);
        topic.IdentityWith("http://c/?", 5).ShouldNotBe(identity);
        topic.IdentityWith("http://c/", 6).ShouldNotBe(identity);
        (topic with { Kinds = null }).IdentityWith("http://c/", 5).ShouldNotBe(identity);
        (topic with { Format = FeedFormat.Rss }).IdentityWith("http://c/", 5).ShouldNotBe(identity);
    }

    [Fact]
    public void A_public_url_with_letters_beyond_ASCII_is_recognised()
    {
        var hub = new Uri("https://hub.example.org/café");
        var text = new Topic(1, FeedFormat.Atom, null, null).Canonical(hub);
        Topic.TryParse(text, hub, out var topic, out var fault).ShouldBeTrue(fault);
        topic.FeedId.ShouldBe(1);
    }
}
