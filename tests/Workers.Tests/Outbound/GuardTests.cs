using System.Net;
using System.Net.Sockets;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// docs/architecture.md, What always holds: No callback reaches a private, loopback, link-local or otherwise special address unless the
// operator allowed that CIDR: checked when connecting, for every resolved address, for verification and delivery alike.
public sealed class GuardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("localhost")]
    [InlineData("LocalHost")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("017700000001")]
    [InlineData("0x7f.1")]
    [InlineData("0x7f.0x0.0x0.0x1")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("[64:ff9b:1::7f00:1]")]
    [InlineData("[::ffff:0:127.0.0.1]")]
    [InlineData("[2001:0:7f00:1::80ff:fffe]")]
    [InlineData("[2001:470:1::5efe:127.0.0.1]")]
    [InlineData("[2001:470:1::200:5efe:127.0.0.1]")]
    [InlineData("169.254.169.254")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("[fe80::1%25lo]")]
    [InlineData("[fe80::1%lo]")]
    [InlineData("[fec0::1]")]
    [InlineData("[ff02::1]")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("[fe80::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("[::ffff:192.168.1.1]")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("168.63.129.16")]
    public async Task A_special_address_is_refused_however_it_is_written(string host)
    {
        await using var trap = await CallbackListener.StartAsync();
        using var door = EgressClients.Open();

        var answer = await door.Client.GetAsync(new Uri($"http://{host}:{new Uri(trap.Origin).Port}/"), null, Cancel);

        answer.Outcome.ShouldBe(AttemptOutcome.Forbidden, answer.Error);
        trap.Requests.ShouldBeEmpty();
        trap.MostAtOnce.ShouldBe(0);
    }

    // Some resolvers know these names and others do not: in both cases no connection is made.
    [Theory]
    [InlineData("localhost.")]
    [InlineData("some.localhost")]
    [InlineData("127.0.0.1.")]
    [InlineData("2130706433.")]
    [InlineData("0x7f.1.")]
    [InlineData("ip6-localhost")]
    [InlineData("１２７.０.０.１")]
    public async Task A_name_that_means_this_host_does_not_reach_it(string host)
    {
        await using var trap = await CallbackListener.StartAsync();
        using var door = EgressClients.Open();

        var answer = await door.Client.GetAsync(new Uri($"http://{host}:{new Uri(trap.Origin).Port}/"), null, Cancel);

        answer.Outcome.ShouldBeOneOf(AttemptOutcome.Forbidden, AttemptOutcome.Unreachable);
        trap.MostAtOnce.ShouldBe(0);
    }

    [Fact]
    public async Task An_allowed_network_opens_itself_and_nothing_beside_it()
    {
        await using var trap = await CallbackListener.StartAsync();
        using var second = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        second.Start();
        using var door = EgressClients.Open("127.0.0.2/32");

        (await door.Client.GetAsync(new Uri(trap.Url()), null, Cancel)).Outcome.ShouldBe(AttemptOutcome.Forbidden);
        var reached = door.Client.GetAsync(new Uri($"http://127.0.0.2:{((IPEndPoint)second.LocalEndpoint).Port}/"), null, Cancel);
        using (var connection = await second.AcceptTcpClientAsync(Cancel))
        {
            await connection.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancel);
            (await reached).Status.ShouldBe((short)204);
        }

        trap.MostAtOnce.ShouldBe(0);
    }

    [Fact]
    public async Task The_loopback_of_IPv6_is_open_to_whom_the_operator_allows_it()
    {
        using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
        listener.Start();
        var url = new Uri($"http://[::1]:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        using var closed = EgressClients.Open("127.0.0.0/8");
        using var open = EgressClients.Open("::1/128");

        (await closed.Client.GetAsync(url, null, Cancel)).Outcome.ShouldBe(AttemptOutcome.Forbidden);
        var reached = open.Client.GetAsync(url, null, Cancel);
        using var connection = await listener.AcceptTcpClientAsync(Cancel);
        await connection.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancel);

        (await reached).Status.ShouldBe((short)204);
    }

    // A name that does not resolve and a port without a listener are failures with a clear error, and they are retried.
    [Theory]
    [InlineData("http://does-not-exist.invalid/", "Its name could not be resolved.")]
    [InlineData("http://127.0.0.1:1/", "No connection could be made.")]
    public async Task A_callback_that_cannot_be_reached_is_unreachable(string url, string error)
    {
        using var door = EgressClients.Open("127.0.0.0/8");

        var answer = await door.Client.GetAsync(new Uri(url), null, Cancel);

        answer.Outcome.ShouldBe(AttemptOutcome.Unreachable);
        answer.Error.ShouldBe(error);
    }

    [Fact]
    public async Task A_redirect_to_a_special_address_is_not_followed_and_cookies_are_not_kept()
    {
        await using var host = await CallbackListener.StartAsync();
        host.Verifies(CallbackReply.Status(HttpStatusCode.Found, ("Location", "http://169.254.169.254/"), ("Set-Cookie", "a=b")));
        using var door = EgressClients.Open("127.0.0.0/8");

        var answer = await door.Client.GetAsync(new Uri(host.Url()), null, Cancel);
        await door.Client.GetAsync(new Uri(host.Url()), null, Cancel);

        answer.Status.ShouldBe((short)302);
        answer.Outcome.ShouldBe(AttemptOutcome.Refused);
        host.Requests.Count.ShouldBe(2);
        host.Requests[1].Header("Cookie").ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task Without_the_operators_word_neither_verification_nor_delivery_reaches_loopback(Database database)
    {
        HubAppOptions? settings = null;
        await using var stage = await Stage.SetAsync(database, options => settings = options);
        await using var host = await CallbackListener.StartAsync();
        var seen = await stage.SubscribeAsync(host.Default);
        var requests = host.Requests.Count;
        settings!.Settings["Hub:AllowedCallbackNetworks"] = "";
        await stage.Hub.RestartAsync();

        // One subscription that was confirmed while the network was allowed, and one that is requested now.
        await stage.PostAsync(1, 1);
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Rss, host.Url("/now"));

        await Eventually.ShouldAsync(async () => (await stage.Owner.AttemptsAsync(seen.Id)).Count > 0);
        await Eventually.ShouldAsync(() => stage.ReadAsync(async context => !await context.Verifications.AnyAsync(Cancel)));
        (await stage.Owner.AttemptsAsync(seen.Id))
            .ShouldAllBe(attempt => attempt.Status == null && attempt.Error!.Contains("private or special"));
        // The operator finds it in the log, once a minute for each host, independently of the number of tries.
        stage.Hub.Logs.Lines.Where(line => line.Category.EndsWith("RefusalLog", StringComparison.Ordinal)).ShouldHaveSingleItem().Message
            .ShouldBe(
                "Callbacks at 127.0.0.1 are not called: the name leads to 127.0.0.1, which is private or special. "
                + "Hub:AllowedCallbackNetworks opens networks");
        host.Requests.Count.ShouldBe(requests);
        host.At("/now").Requests.ShouldBeEmpty();
        (await stage.SeeAsync(host.Default)).Cursor.ShouldBe("0");
    }
}
