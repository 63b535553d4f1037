using System.Net;
using ActivityHub.Ledger.Access;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Access;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("203.0.113.77", "203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.77", "203.0.113.0/24")]
    [InlineData("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48")]
    public void A_receipt_names_the_network_and_not_the_address(string address, string network) =>
        ClientNetwork.Of(IPAddress.Parse(address)).ShouldBe(network);

    [Fact]
    public void A_connection_without_an_address_has_no_network() => ClientNetwork.Of(null).ShouldBe("");
}
