using System.Net;
using ActivityHub.Workers.Outbound;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Security.AntiSSRF;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

public sealed class AddressFilterTests
{
    private static readonly AddressFilter Closed = new([]);

    public static TheoryData<string> SpecialNetworks => [.. IPAddressRanges.recommendedLatest];

    [Theory, MemberData(nameof(SpecialNetworks))]
    public void A_special_network_is_closed_from_its_first_address_to_its_last(string network)
    {
        var parsed = IPNetwork.Parse(network);

        Closed.Lets(parsed.BaseAddress).ShouldBeFalse();
        Closed.Lets(LastOf(parsed)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:81b::200e")]
    public void A_public_address_is_open(string address) => Closed.Lets(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("::1")]
    [InlineData("::1.1.1.1")]
    [InlineData("::ffff:0:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    [InlineData("64:ff9b:1:2::1.1.1.1")]
    [InlineData("2002:101:101::")]
    [InlineData("2001::1")]
    [InlineData("2606:4700::5efe:1.1.1.1")]
    [InlineData("2606:4700::200:5efe:1.1.1.1")]
    [InlineData("4000::1")]
    [InlineData("fe80::1%3")]
    public void An_address_of_IPv6_that_is_no_public_hosts_own_is_closed(string address) =>
        Closed.Lets(IPAddress.Parse(address)).ShouldBeFalse();

    // An IPv4 address embedded in an IPv6 address is allowed only if the plain address is allowed.
    [Property]
    public Property No_dress_opens_a_closed_address() => Prop.ForAll(
        ArbMap.Default.ArbFor<uint>(),
        bits =>
        {
            var plain = new IPAddress([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
            var dressed = new[] { "::ffff:", "::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "2606:4700::5efe:", "2606:4700::200:5efe:" }
                .Select(prefix => IPAddress.Parse(prefix + plain));
            return Closed.Lets(plain) || !dressed.Any(Closed.Lets);
        });

    [Fact]
    public void An_allowed_network_opens_itself_in_either_dress_and_nothing_beside_it()
    {
        var screen = new AddressFilter(["10.1.0.0/16", "fd00:1::/32"]);

        screen.Lets(IPAddress.Parse("10.1.2.3")).ShouldBeTrue();
        screen.Lets(IPAddress.Parse("::ffff:10.1.2.3")).ShouldBeTrue();
        screen.Lets(IPAddress.Parse("fd00:1::5")).ShouldBeTrue();
        screen.Lets(IPAddress.Parse("10.2.0.0")).ShouldBeFalse();
        screen.Lets(IPAddress.Parse("::10.1.2.3")).ShouldBeFalse();
        screen.Lets(IPAddress.Parse("64:ff9b::10.1.2.3")).ShouldBeFalse();
        screen.Lets(IPAddress.Parse("fd00:2::5")).ShouldBeFalse();
    }

    private static IPAddress LastOf(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }
}
