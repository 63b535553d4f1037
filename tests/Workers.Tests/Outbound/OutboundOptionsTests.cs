using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

public sealed class OutboundOptionsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("127.0.0.0/8", new[] { "127.0.0.0/8" })]
    [InlineData(" 127.0.0.0/8 ,fd00::/8,, ", new[] { "127.0.0.0/8", "fd00::/8" })]
    public void Networks_are_separated_by_commas(string text, string[] expected) => Read(("Hub:AllowedCallbackNetworks", text)).ShouldBe(expected);

    [Fact]
    public void Networks_may_be_given_one_by_one() =>
        Read(("Hub:AllowedCallbackNetworks:0", "127.0.0.0/8"), ("Hub:AllowedCallbackNetworks:1", "10.0.0.0/8")).ShouldBe(["127.0.0.0/8", "10.0.0.0/8"]);

    [Fact]
    public void None_is_the_default() => Read().ShouldBeEmpty();

    [Theory]
    [InlineData("localhost")]
    [InlineData("10.0.0.0/33")]
    [InlineData("*")]
    public void What_is_no_network_is_named_with_what_to_write_instead(string network)
    {
        var result = new OutboundOptionsValidator().Validate(null, new OutboundOptions { AllowedCallbackNetworks = ["127.0.0.0/8", network] });

        result.Failures!.ShouldHaveSingleItem().ShouldStartWith($"Hub:AllowedCallbackNetworks holds \"{network}\", which is not a network; write it as 127.0.0.0/8");
    }

    private static IReadOnlyList<string> Read(params (string Key, string Value)[] settings) => OutboundOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
}
