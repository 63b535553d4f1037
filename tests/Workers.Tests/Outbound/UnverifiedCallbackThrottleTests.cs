using System.Net;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

public sealed class UnverifiedCallbackThrottleTests
{
    private static readonly IPAddress Address = IPAddress.Parse("203.0.113.7");
    private readonly FakeTimeProvider _time = new();
    private readonly UnverifiedCallbackThrottle _pace;

    public UnverifiedCallbackThrottleTests() =>
        _pace = new UnverifiedCallbackThrottle(Options.Create(new VerificationOptions { StrangerBurst = 5, StrangerPerMinute = 6 }), _time);

    [Fact]
    public void A_host_that_never_says_yes_is_called_in_one_burst_and_then_so_often_a_minute()
    {
        Asked(100, "victim.example").ShouldBe(5);

        var later = 0;
        for (var second = 0; second < 600; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            later += Asked(10, "victim.example");
        }

        later.ShouldBeInRange(59, 60);
        Asked(1, "another.example").ShouldBe(1);
    }

    [Fact]
    public void An_address_is_called_four_times_as_often_whatever_the_names_that_lead_there()
    {
        Connected(100, Address).ShouldBe(20);
        Connected(1, IPAddress.Parse("::ffff:203.0.113.7")).ShouldBe(0);
        Connected(1, IPAddress.Parse("203.0.113.8")).ShouldBe(1);
    }

    [Fact]
    public void One_network_of_IPv6_is_one_address()
    {
        Enumerable.Range(1, 100).Count(i => _pace.TryConnect(IPAddress.Parse($"2001:db8:1:2::{i:x}"), out _)).ShouldBe(20);
        Connected(1, IPAddress.Parse("2001:db8:1:3::1")).ShouldBe(1);
    }

    [Fact]
    public void A_host_that_says_yes_is_called_on_at_the_address_that_was_connected_to_as_if_nothing_had_been()
    {
        var other = IPAddress.Parse("203.0.113.8");
        Asked(5, "reader.example").ShouldBe(5);
        Connected(100, Address).ShouldBe(20);
        Connected(100, other).ShouldBe(20);

        _pace.Confirmed(new UnverifiedCallback("reader.example") { Address = UnverifiedCallbackThrottle.NameOf(Address) });

        Asked(100, "reader.example").ShouldBe(5);
        Connected(100, Address).ShouldBe(20);
        Connected(1, other).ShouldBe(0);
    }

    // Each refused request writes its row again, so they are to return one by one: a burst per second, or a minute later.
    [Fact]
    public void Those_who_are_turned_away_come_back_one_after_the_other()
    {
        Asked(5, "victim.example");

        var waits = Enumerable.Range(0, 1000).Select(
            _ => _pace.TryAsk(new UnverifiedCallback("victim.example"), out var wait) ? TimeSpan.Zero : wait).ToList();

        waits.ShouldAllBe(wait => wait >= TimeSpan.FromSeconds(1) && wait <= TimeSpan.FromMinutes(1));
        Enumerable.Range(1, 29).ShouldAllBe(second => waits.Count(wait => (int)wait.TotalSeconds == second) <= 6);
    }

    [Fact]
    public void However_many_hosts_are_named_memory_stays_bounded_and_what_is_spent_stays_spent()
    {
        Asked(5, "victim.example");

        var taken = Enumerable.Range(0, 50_000).Count(i => _pace.TryAsk(new UnverifiedCallback($"host{i}.example"), out _));

        taken.ShouldBe(19_999);
        Asked(1, "victim.example").ShouldBe(0);
        // Entries whose bucket is full again are removed and make room for others.
        _time.Advance(TimeSpan.FromSeconds(10));
        _pace.TryAsk(new UnverifiedCallback("host49999.example"), out _).ShouldBeTrue();
    }

    private int Connected(int times, IPAddress address) => Enumerable.Range(0, times).Count(_ => _pace.TryConnect(address, out var _));

    private int Asked(int times, string host) =>
        Enumerable.Range(0, times).Count(_ => _pace.TryAsk(new UnverifiedCallback(host), out var _));
}
