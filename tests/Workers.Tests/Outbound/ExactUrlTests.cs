using System.Net;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// WebSub §8.3: hubs "MUST use the callback URL exactly as given". A callback may be a capability that is compared byte for byte.
public sealed class ExactUrlTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/cb/%7Euser/%41?x=%7e%41", "/cb/%7Euser/%41?x=%7e%41")]
    [InlineData("/a/./b", "/a/./b")]
    [InlineData("/a/../b/%2E%2e/c", "/a/../b/%2E%2e/c")]
    [InlineData("/a//b/", "/a//b/")]
    [InlineData("", "/")]
    [InlineData("?x=1", "/?x=1")]
    [InlineData("/?", "/?")]
    [InlineData("/a?b=c&&=d;e'f(g)*h!i$j,k:l@m~n", "/a?b=c&&=d;e'f(g)*h!i$j,k:l@m~n")]
    [InlineData("/a?b[]=1", "/a?b[]=1")]
    [InlineData("/%2fx%2F?%3f", "/%2fx%2F?%3f")]
    // Characters that no request target can contain.
    [InlineData("/x?b=|", "/x?b=%7C")]
    [InlineData("/\"<>^`{}", "/%22%3C%3E%5E%60%7B%7D")]
    [InlineData("/100%", "/100%25")]
    [InlineData("/%zz%4", "/%25zz%254")]
    [InlineData("/ü/%C3%BC?ü=🎈", "/%C3%BC/%C3%BC?%C3%BC=%F0%9F%8E%88")]
    [InlineData("/x#fragment", "/x")]
    public async Task The_target_of_a_request_is_what_was_given(string given, string onTheWire)
    {
        await using var callback = RawCallback.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        using var door = EgressClients.Open("127.0.0.0/8");

        var answer = await door.Client.GetAsync(ExactUrl.Of($"http://127.0.0.1:{callback.Port}{given}"), null, Cancel);

        answer.Status.ShouldBe((short)204, answer.Error);
        callback.Head.Split("\r\n")[0].ShouldBe($"GET {onTheWire} HTTP/1.1");
    }

    // No byte of a URL becomes a header or another request, even if it passed the checks at subscribing.
    [Theory]
    [InlineData("/a\r\nX-Evil: yes")]
    [InlineData("/a HTTP/1.1\r\nHost: evil\r\n\r\n")]
    [InlineData("/a\u0000b\tc")]
    [InlineData("/a\u0085\u2028b")]
    public async Task Line_breaks_and_white_space_never_leave_as_such(string given)
    {
        await using var callback = RawCallback.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        using var door = EgressClients.Open("127.0.0.0/8");

        await door.Client.GetAsync(ExactUrl.Of($"http://127.0.0.1:{callback.Port}{given}"), null, Cancel);

        callback.Requests.ShouldBe(1);
        callback.Head.Split("\r\n").ShouldNotContain(
            line => line.StartsWith("X-Evil", StringComparison.OrdinalIgnoreCase) || line == "Host: evil");
        callback.Head.Split("\r\n")[0].Split(' ').Length.ShouldBe(3);
    }

    // The guard checks the same host to which the connection goes, even for URLs that different parsers read differently.
    [Theory]
    [InlineData("http://good.example/\\@evil.example/")]
    [InlineData("http://BÜCHER.example:8080/%7e")]
    [InlineData("HTTP://Good.Example?@evil.example")]
    [InlineData("http:/\\evil.example/x")]
    public void The_host_is_the_one_of_the_normalised_form(string url)
    {
        var normalised = new Uri(url);

        var exact = ExactUrl.Of(url);

        (exact.IdnHost, exact.Port, exact.Authority).ShouldBe((normalised.IdnHost, normalised.Port, normalised.Authority));
    }

    [Theory]
    [InlineData("ftp://example.org/")]
    [InlineData("/relative")]
    [InlineData("javascript:alert(1)")]
    public void Nothing_but_http_is_read(string url) => ExactUrl.TryRead(url, out _).ShouldBeFalse();

    [Theory, BothDatabases]
    public async Task Verification_delivery_test_and_push_go_to_the_callback_exactly_as_it_was_given(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        const string Given = "/cb/%7Euser/%41/./x?y=%7e%41&z=|";
        const string Target = "/cb/%7Euser/%41/./x?y=%7e%41&z=%7C";
        var path = host.At("/cb/~user/A/x");

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(Given));
        await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, host.Url(Given));
        using var made = await stage.Owner.TryAddWebhookAsync(stage.Phone.Feed, host.Url(Given), format: "rss");
        await path.WaitForAsync(1);
        using var phone = new PushedPhone();
        await phone.JoinAsync(stage.Phone, host.Url("/push/%7Ephone/../%41"));
        await stage.PostAsync(1, 1);
        using var sent = await stage.Owner.Http.PostAsync(
            $"/api/feeds/{stage.Phone.Feed}/messages", new StringContent("""{"text":"x"}""", System.Text.Encoding.UTF8, "application/json"),
            Cancel);

        sent.StatusCode.ShouldBe(HttpStatusCode.Created);
        await path.WaitUntilAsync(all => all.Count(one => one.IsDelivery) >= 3);
        path.Verifications.ShouldHaveSingleItem().Target.ShouldStartWith(Target + "&hub.mode=subscribe&");
        path.Deliveries.ShouldAllBe(delivery => delivery.Target == Target);
        (await host.At("/push/A").WaitForAsync(1))[0].Target.ShouldBe("/push/%7Ephone/../%41");
    }
}
