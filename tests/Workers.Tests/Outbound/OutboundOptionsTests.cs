using ActivityHub.Workers.Settings;
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
    public void Networks_are_separated_by_commas(string text, string[] expected) =>
        Read(("Hub:AllowedCallbackNetworks", text)).ShouldBe(expected);

    [Fact]
    public void Networks_may_be_given_one_by_one() =>
        Read(("Hub:AllowedCallbackNetworks:0", "127.0.0.0/8"), ("Hub:AllowedCallbackNetworks:1", "10.0.0.0/8"))
            .ShouldBe(["127.0.0.0/8", "10.0.0.0/8"]);

    [Fact]
    public void None_is_the_default() => Read().ShouldBeEmpty();

    [Theory]
    [InlineData("localhost")]
    [InlineData("10.0.0.0/33")]
    [InlineData("*")]
    public void What_is_no_network_is_named_with_what_to_write_instead(string network)
    {
        var result = new OutboundOptionsValidator()
            .Validate(null, new OutboundOptions { AllowedCallbackNetworks = ["127.0.0.0/8", network] });

        result.Failures!.ShouldHaveSingleItem().ShouldStartWith(
            $"Hub:AllowedCallbackNetworks holds \"{network}\", which is not a network; write it as 127.0.0.0/8");
    }

    [Theory]
    [InlineData("00:00:00.5")]
    [InlineData("02:00:00")]
    public void A_connection_is_not_kept_for_longer_than_an_hour_nor_for_no_time_at_all(string lifetime)
    {
        var options = Options(("Hub:CallbackConnectionLifetime", lifetime));

        new OutboundOptionsValidator().Validate(null, options).Failures!.ShouldHaveSingleItem()
            .ShouldStartWith("Hub:CallbackConnectionLifetime is ");
    }

    private static IReadOnlyList<string> Read(params (string Key, string Value)[] settings) => Options(settings).AllowedCallbackNetworks;

    private static OutboundOptions Options(params (string Key, string Value)[] settings)
    {
        var options = new OutboundOptions();
        options.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
        return options;
    }
}
