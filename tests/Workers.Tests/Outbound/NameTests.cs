using System.Collections.Concurrent;
using System.Net;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// The owner of a name decides to which address it resolves, and each look-up may return another one: only the address of the connection
// counts. Here 127.0.0.2 is an allowed address, and 127.0.0.1 a forbidden one.
public sealed class NameTests
{
    private const string Answer = "HTTP/1.1 204 No Content\r\n\r\n";
    private static readonly IPAddress Good = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Bad = IPAddress.Loopback;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.2")]
    [InlineData("127.0.0.2", "::ffff:127.0.0.1")]
    [InlineData("127.0.0.2", "169.254.169.254")]
    [InlineData("127.0.0.2", "10.0.0.1")]
    [InlineData("127.0.0.2", "::1")]
    [InlineData("127.0.0.2", "fe80::1%2")]
    [InlineData("127.0.0.2", "64:ff9b::a00:1")]
    public async Task One_bad_address_of_a_name_is_enough(string first, string second)
    {
        await using var callback = RawCallback.Answering(Answer, Good);
        using var door = new EgressClients(
            ["127.0.0.2/32"], (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(first), IPAddress.Parse(second)]));

        var answer = await door.Client.GetAsync(new Uri($"http://both.example:{callback.Port}/"), null, Cancel);

        answer.Outcome.ShouldBe(AttemptOutcome.Forbidden, answer.Error);
        callback.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_is_asked_for_once_a_connection_and_the_addresses_looked_at_are_those_connected_to()
    {
        await using var callback = RawCallback.Answering("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", Good);
        var asked = new ConcurrentQueue<string>();
        // The first look-up returns the allowed address, every later one the forbidden address; the second connection is the first to see
        // it.
        using var door = new EgressClients(["127.0.0.2/32"], (name, _) =>
        {
            asked.Enqueue(name);
            return Task.FromResult<IPAddress[]>([asked.Count == 1 ? Good : Bad]);
        });
        var url = new Uri($"http://rebinds.example:{callback.Port}/");

        (await door.Client.GetAsync(url, null, Cancel)).Status.ShouldBe((short)204);
        asked.ShouldBe(["rebinds.example"]);
        (await door.Client.GetAsync(url, null, Cancel)).Outcome.ShouldBe(AttemptOutcome.Forbidden);
        callback.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_lives_on_is_renewed_within_its_lifetime_and_looked_at_again()
    {
        await using var callback = RawCallback.Answering(Answer, Good);
        var now = Good;
        using var door = new EgressClients(
            ["127.0.0.2/32"], (_, _) => Task.FromResult<IPAddress[]>([now]), lifetime: TimeSpan.FromSeconds(1));
        var url = new Uri($"http://moves.example:{callback.Port}/");
        (await door.Client.GetAsync(url, null, Cancel)).Status.ShouldBe((short)204);

        now = Bad;

        await Eventually.ShouldAsync(async () => (await door.Client.GetAsync(url, null, Cancel)).Outcome == AttemptOutcome.Forbidden);
        callback.Connections.ShouldBe(1);
    }

    // The same form, punycode, is resolved, sent as Host and used for limits.
    [Theory]
    [InlineData("http://bücher.example")]
    [InlineData("http://BÜCHER.Example")]
    [InlineData("http://xn--bcher-kva.example")]
    public async Task A_name_beyond_ASCII_leaves_as_punycode(string origin)
    {
        await using var callback = RawCallback.Answering(Answer, Good);
        var asked = new ConcurrentQueue<string>();
        using var door = new EgressClients(["127.0.0.2/32"], (name, _) =>
        {
            asked.Enqueue(name);
            return Task.FromResult<IPAddress[]>([Good]);
        });

        await door.Client.GetAsync(new Uri($"{origin}:{callback.Port}/"), null, Cancel);

        asked.ShouldBe(["xn--bcher-kva.example"]);
        callback.Head.ShouldContain($"Host: xn--bcher-kva.example:{callback.Port}\r\n");
    }

    [Theory]
    [InlineData(22)]
    [InlineData(25)]
    [InlineData(6379)]
    public async Task A_port_of_another_protocol_is_not_connected_to_even_where_the_network_is_open(int port)
    {
        using var door = EgressClients.Open("127.0.0.0/8");

        var answer = await door.Client.GetAsync(new Uri($"http://127.0.0.1:{port}/"), null, Cancel);

        (answer.Outcome, answer.Error).ShouldBe(
            (AttemptOutcome.Forbidden, $"Port {port} is none for HTTP, and this hub does not send there."));
    }

    // End to end: the callback was verified while its name resolved to an allowed address, and is still subscribed when the name resolves
    // to an internal one.
    [Theory, BothDatabases]
    public async Task A_name_that_turns_inward_between_verification_and_delivery_gets_nothing(Database database)
    {
        await using var open = await CallbackListener.StartAsync();
        var port = new Uri(open.Origin).Port;
        await using var inner = RawCallback.Answering(Answer, Good, port);
        var now = Bad;
        await using var stage = await Stage.SetAsync(database, options =>
        {
            // The kit's listener uses 127.0.0.1, so here that is the allowed address.
            options.Settings["Hub:AllowedCallbackNetworks"] = "127.0.0.1/32";
            options.Settings["Hub:CallbackConnectionLifetime"] = "00:00:01";
            options.Configure = builder => builder.Services.Replace(
                ServiceDescriptor.Singleton<Resolve>(
                    (name, token) =>
                        name == "turns.example" ? Task.FromResult<IPAddress[]>([now]) : Dns.GetHostAddressesAsync(name, token)));
        });
        var callback = $"http://turns.example:{port}/callback";
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, callback);
        var seen = await stage.Owner.WaitForSubscriptionAsync(stage.Phone.Feed, callback);
        await stage.PostAsync(1, 1);
        await open.WaitForAsync(1);

        now = Good;
        // Until the lifetime of the open connection ends, deliveries still use it.
        var last = 1;
        await Eventually.ShouldAsync(async () =>
        {
            last++;
            await stage.PostAsync(last, last);
            return (await stage.Owner.AttemptsAsync(seen.Id))
                .Any(attempt => attempt.Status is null && attempt.Error!.Contains("private or special"));
        });

        inner.Connections.ShouldBe(0);
        open.Deliveries.ShouldAllBe(delivery => delivery.Header("Host") == $"turns.example:{port}");
    }
}
