using ActivityHub.Ledger.Subscriptions;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public sealed class CallbackHostTests
{
    [Theory]
    [InlineData("http://reader.example/a", "reader.example")]
    [InlineData("https://READER.example.:8443/b", "reader.example")]
    [InlineData("http://Bücher.example/", "xn--bcher-kva.example")]
    [InlineData("http://2130706433/", "127.0.0.1")]
    [InlineData("http://[::ffff:7f00:1]:99/", "127.0.0.1")]
    [InlineData("http://127.0.0.1./", "127.0.0.1")]
    [InlineData("http://[2001:db8:1:2:3::4]/", "2001:db8:1:2::/64")]
    [InlineData("http://[fe80::1%25eth0]/", "fe80::/64")]
    public void One_host_has_one_name(string callback, string host) => CallbackHost.Of(new Uri(callback)).ShouldBe(host);
}
