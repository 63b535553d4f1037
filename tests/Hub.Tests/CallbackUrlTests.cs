using ActivityHub.Hub.Api.Subscriptions;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class CallbackUrlTests
{
    [Theory]
    [InlineData("https://reader.example/cb")]
    [InlineData("https://reader.example:8443/cb")]
    [InlineData("http://reader.example:65535/cb")]
    [InlineData("http://reader.example:/cb")]
    [InlineData("http://bücher.example/cb")]
    [InlineData("http://xn--bcher-kva.example/cb")]
    [InlineData("http://उदाहरण.परीक्षा/cb")]
    [InlineData("http://a_b.example/cb")]
    [InlineData("http://reader.example./cb")]
    [InlineData("http://203.0.113.7/cb")]
    [InlineData("http://[2001:db8::1]:8080/cb")]
    public void What_can_be_called_is_taken(string callback) => CallbackUrl.FaultOf(callback).ShouldBeNull();

    [Theory]
    [InlineData("http://reader.example:0/cb", "port 0")]
    [InlineData("http://reader.example:65536/cb", "not an absolute")]
    [InlineData("http://reader.example:-1/cb", "not an absolute")]
    [InlineData("http://reader.example:22/cb", "port 22")]
    [InlineData("https://reader.example:25/cb", "port 25")]
    [InlineData("http://reader.example:6379/cb", "port 6379")]
    [InlineData("http://reader.example:6667/cb", "port 6667")]
    public void A_port_where_no_HTTP_is_spoken_is_refused(string callback, string reason) =>
        CallbackUrl.FaultOf(callback)!.ShouldContain(reason);

    [Theory]
    [InlineData("http://reader.example/\tcb")]
    [InlineData("http://reader.example/cb\n")]
    [InlineData("http://reader\r\n.example/cb")]
    [InlineData("\thttp://reader.example/cb")]
    [InlineData("http://reader.example\\@127.0.0.1/cb")]
    [InlineData("http://reader.example\u00a0/cb")]
    [InlineData("http://reader.example/\u0000")]
    public void Nothing_that_programs_read_differently_is_taken(string callback) =>
        CallbackUrl.FaultOf(callback)!.ShouldContain("not an absolute");

    [Theory]
    [InlineData("http://-/cb")]
    [InlineData("http://ex\u3002ample\u3002com/cb")]
    [InlineData("http://\u2460.example/cb")]
    [InlineData("http://exam\u00adple.com/cb")]
    [InlineData("http://\u202eabc.com/cb")]
    public void A_host_that_is_none_is_refused(string callback) =>
        CallbackUrl.FaultOf(callback)!.ShouldContain("no host that can be called");

    [Theory]
    [InlineData("https://hub.example/i/ik_1")]
    [InlineData("HTTPS://HUB.example.:443/I/ik_1/plain?x=1")]
    [InlineData("http://hub.example/i/ik_1")]
    [InlineData("https://hub.example/x/../%69/ik_1")]
    [InlineData("https://hub.example/feeds/0000000000001/updates")]
    [InlineData("https://hub.example/feeds/0000000000001/%75pdates/")]
    public void An_address_of_the_hub_itself_where_phones_write_is_no_callback(string callback) =>
        CallbackUrl.LoopOf(callback, new Uri("https://hub.example")).ShouldNotBeNull().ShouldContain("without end");

    [Theory]
    [InlineData("https://hub.example/prefix/i/ik_1", true)]
    [InlineData("https://hub.example/i/ik_1", true)]
    [InlineData("https://hub.example/prefix/cb", false)]
    public void Under_a_path_of_the_hub_as_well(string callback, bool isLoop) =>
        (CallbackUrl.LoopOf(callback, new Uri("https://hub.example/prefix/")) is not null).ShouldBe(isLoop);

    [Theory]
    [InlineData("https://hub.example/cb")]
    [InlineData("https://hub.example/")]
    [InlineData("https://hub.example:8443/i/ik_1")]
    [InlineData("https://other.example/i/ik_1")]
    [InlineData("https://hub.example/feeds/0000000000001.json")]
    [InlineData("https://hub.example/interesting/i")]
    public void Other_addresses_may_be_called(string callback) =>
        CallbackUrl.LoopOf(callback, new Uri("https://hub.example")).ShouldBeNull();

    [Theory]
    [InlineData("http://reader.example/cb", "HTTP://READER.Example:80/cb")]
    [InlineData("https://reader.example/cb", "https://reader.example.:443/cb")]
    [InlineData("http://reader.example", "http://reader.example/")]
    [InlineData("http://reader.example?a=1", "http://reader.example/?a=1")]
    [InlineData("http://xn--bcher-kva.example/cb", "http://Bücher.example/cb")]
    [InlineData("http://127.0.0.1/cb", "http://0x7f.1:80/cb")]
    [InlineData("http://[2001:db8::1]/cb", "http://[2001:0DB8:0:0::1]/cb")]
    [InlineData("http://reader.example/%7Ex?q=%2f", "http://reader.example/~x?q=%2F")]
    public void Spellings_of_one_callback_are_one(string one, string other) =>
        CallbackUrl.Compared(other).ShouldBe(CallbackUrl.Compared(one));

    [Theory]
    [InlineData("http://reader.example/cb", "https://reader.example/cb")]
    [InlineData("http://reader.example/cb", "http://reader.example:8080/cb")]
    [InlineData("http://reader.example/cb", "http://reader.example/CB")]
    [InlineData("http://reader.example/cb", "http://reader.example/cb/")]
    [InlineData("http://reader.example/cb", "http://reader.example/x/../cb")]
    [InlineData("http://reader.example/?a=1&b=2", "http://reader.example/?b=2&a=1")]
    public void What_may_be_two_callbacks_stays_two(string one, string other) =>
        CallbackUrl.Compared(other).ShouldNotBe(CallbackUrl.Compared(one));
}
