using System.Net;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// Each request to a callback that was never verified is counted by the address to which it connects: 127.0.0.3 is the victim, 127.0.0.2 a
// server of the attacker.
public sealed class UnverifiedConnectionTests
{
    private const string KeepsAlive = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    private static readonly VerificationOptions Tight = new() { StrangerBurst = 5, StrangerPerMinute = 1 };
    private static readonly IPAddress Victim = IPAddress.Parse("127.0.0.3");
    private static readonly IPAddress Accomplice = IPAddress.Parse("127.0.0.2");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixty_names_of_a_victim_that_keeps_connections_alive_are_called_four_bursts_in_all()
    {
        await using var victim = RawCallback.Answering(KeepsAlive, Victim);
        using var door = new EgressClients(["127.0.0.0/8"], (_, _) => Task.FromResult<IPAddress[]>([Victim]), verifications: Tight);

        for (var i = 0; i < 300; i++)
        {
            await AskAsync(door, $"http://n{i % 60}.evil.example:{victim.Port}/");
        }

        victim.Requests.ShouldBe(20);
        victim.Connections.ShouldBe(20);
    }

    [Fact]
    public async Task Many_calls_at_once_are_counted_like_calls_one_after_another()
    {
        await using var victim = RawCallback.Answering(KeepsAlive, Victim);
        using var door = new EgressClients(["127.0.0.0/8"], (_, _) => Task.FromResult<IPAddress[]>([Victim]), verifications: Tight);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AskAsync(door, $"http://n{i % 3}.evil.example:{victim.Port}/")));

        victim.Requests.ShouldBe(20);
    }

    // A genuine subscriber may use the same name: its connection is not shared with unverified callbacks.
    [Fact]
    public async Task A_connection_that_is_kept_for_a_known_callback_serves_no_stranger()
    {
        await using var host = RawCallback.Answering(KeepsAlive, Victim);
        using var door = new EgressClients(["127.0.0.0/8"], (_, _) => Task.FromResult<IPAddress[]>([Victim]), verifications: Tight);
        var url = $"http://shared.example:{host.Port}/";
        for (var i = 0; i < 3; i++)
        {
            (await door.Client.GetAsync(new Uri(url), null, Cancel)).Status.ShouldBe((short)404);
        }

        host.Connections.ShouldBe(1);
        for (var i = 0; i < 100; i++)
        {
            await AskAsync(door, url);
        }

        host.Requests.ShouldBe(3 + 20);
    }

    [Fact]
    public async Task A_yes_from_one_address_of_a_name_gives_the_other_nothing_back()
    {
        await using var victim = RawCallback.Answering(KeepsAlive, Victim);
        await using var accomplice = RawCallback.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Accomplice, victim.Port);
        var turn = 0;
        using var door = new EgressClients(
            ["127.0.0.0/8"],
            (_, _) => Task.FromResult<IPAddress[]>(turn++ % 2 == 0 ? [Victim, Accomplice] : [Accomplice, Victim]),
            verifications: Tight);

        for (var i = 0; i < 300; i++)
        {
            var unverified = new UnverifiedCallback("two.evil.example");
            var answer = await door.Client.GetAsync(new Uri($"http://two.evil.example:{victim.Port}/"), unverified, Cancel);
            if (answer.Status == 200)
            {
                door.Pace.Confirmed(unverified);
            }
        }

        victim.Requests.ShouldBe(20);
        accomplice.Requests.ShouldBe(280);
    }

    // If the first address of a name does not listen, the second one is tried if it has calls left, as by any other client.
    [Fact]
    public async Task An_address_that_does_not_listen_is_passed_over_and_counted()
    {
        await using var listens = RawCallback.Answering(KeepsAlive, Accomplice);
        using var door = new EgressClients(
            ["127.0.0.0/8"], (_, _) => Task.FromResult<IPAddress[]>([Victim, Accomplice]), verifications: Tight);
        var unverified = new UnverifiedCallback("two.example");

        (await door.Client.GetAsync(new Uri($"http://two.example:{listens.Port}/"), unverified, Cancel)).Status.ShouldBe((short)404);

        unverified.Address.ShouldBe("@127.0.0.2");
        Enumerable.Range(0, 100).Count(_ => door.Pace.TryConnect(Victim, out var _)).ShouldBe(19);
    }

    private static async Task AskAsync(EgressClients door, string url)
    {
        var answer = await door.Client.GetAsync(new Uri(url), new UnverifiedCallback(new Uri(url).Host), Cancel);
        (answer.Status is 404 || answer is { Outcome: AttemptOutcome.Throttled, Status: null }).ShouldBeTrue(answer.Error);
    }
}
