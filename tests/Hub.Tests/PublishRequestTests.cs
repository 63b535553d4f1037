using System.Text;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Web;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class PublishRequestTests
{
    private static readonly Uri Hub = new("https://hub.example.org/base");

    [Fact]
    public void Topics_may_stand_in_url_and_topic_and_repeat()
    {
        Read(
            "hub.url=https://hub.example.org/base/feeds/0123456789ab.atom&hub.url=https://hub.example.org/base/feeds/0123456789ab.json&hub.topic=https://hub.example.org/base/feeds/zzzzzzzzzzzz.rss", out var faults)
            .Count.ShouldBe(2);
        faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("hub.mode=publish")]
    [InlineData("hub.url=https://other.example.org/feeds/0123456789ab.atom")]
    [InlineData("hub.url=https://hub.example.org/feeds/0123456789ab.atom")]
    public void None_and_those_of_others_are_refused(string body)
    {
        Read(body, out var faults);
        faults.ShouldHaveSingleItem();
    }

    [Fact]
    public void More_than_a_hundred_are_refused()
    {
        Read(string.Join('&', Enumerable.Repeat("hub.url=https://hub.example.org/base/feeds/0123456789ab.atom", 101)), out var faults);
        faults.ShouldHaveSingleItem().ShouldContain("101 times");
    }

    private static IReadOnlySet<long> Read(string body, out IReadOnlyList<string> faults)
    {
        FormBody.TryParse(Encoding.ASCII.GetBytes(body), out var form, out _).ShouldBeTrue();
        PublishRequest.TryRead(form!, Hub, out var feeds, out faults);
        return feeds;
    }
}
