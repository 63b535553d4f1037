using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Commands;
using ActivityHub.Hub.Start;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData(null, true, true, true)]
    [InlineData("hub,feeds,workers", true, true, true)]
    [InlineData("hub", true, false, false)]
    [InlineData("Workers, FEEDS", false, true, true)]
    public void Roles_are_those_that_are_named(string? text, bool hub, bool feeds, bool workers) =>
        Roles.Read(text).ShouldBe(new Roles(hub, feeds, workers));

    [Theory]
    [InlineData("")]
    [InlineData("hub,foo")]
    [InlineData("all")]
    public void An_unknown_role_stops_the_start(string text) =>
        Should.Throw<WrongSettingException>(() =>
            Roles.Read(text)).Message.ShouldBe($"Roles is \"{text}\"; it must be one or more of hub, feeds, workers, separated by commas.");

    [Theory]
    [InlineData("http://localhost:8081", "http://localhost:8081")]
    [InlineData("http://0.0.0.0:8081", "http://localhost:8081")]
    [InlineData("http://*:8081", "http://localhost:8081")]
    [InlineData("http://+:80", "http://localhost")]
    [InlineData("http://[::]:8081/", "http://localhost:8081")]
    [InlineData("http://[::1]:8081", "http://[::1]:8081")]
    [InlineData("http://hub.example.org:9000", "http://hub.example.org:9000")]
    [InlineData("http://127.0.0.1:0", null)]
    [InlineData("https://localhost:8443", null)]
    [InlineData("http://localhost:8081;http://localhost:8082", null)]
    [InlineData("http://unix:/run/hub.sock", null)]
    [InlineData("nonsense", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_public_url_follows_the_one_address_listened_on(string? urls, string? expected) =>
        PublicUrl.From(urls).ShouldBe(expected);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:80000")]
    [InlineData("http://localhost:8080;x")]
    public void An_address_that_is_none_stops_the_start(string urls) => Should.Throw<WrongSettingException>(() => PublicUrl.Check(urls));

    [Theory]
    [InlineData("https://hub.example.org", true)]
    [InlineData("http://localhost:8080/base/", true)]
    [InlineData("ftp://hub.example.org", false)]
    [InlineData("hub.example.org", false)]
    [InlineData("https://hub.example.org/?a=b", false)]
    [InlineData("https://hub.example.org/#a", false)]
    [InlineData("https://me@hub.example.org", false)]
    public void A_public_url_can_be_appended_to(string url, bool valid) =>
        new PublicUrl.Rule().Validate(null,
            new HubOptions { PublicUrl = new Uri(url, UriKind.RelativeOrAbsolute) }).Succeeded.ShouldBe(valid);

    [Fact]
    public void The_demo_switch_does_not_eat_the_word_after_it()
    {
        var line = CommandLine.Read(["--demo", "--urls", "http://localhost:1"]);

        line.Demo.ShouldBeTrue();
        line.Settings.ShouldBe(["--urls=http://localhost:1"]);
    }

    [Fact]
    public void Networks_may_be_a_text_or_a_list()
    {
        NetworkSetting.In(Settings(("N", "10.0.0.0/8, 127.0.0.0/8")), "N").ShouldBe(["10.0.0.0/8", "127.0.0.0/8"]);
        NetworkSetting.In(Settings(("N:0", "10.0.0.0/8"), ("N:1", "::1/128")), "N").ShouldBe(["10.0.0.0/8", "::1/128"]);
        Should.Throw<InvalidOperationException>(() => TrustedProxies.Read(Settings(("Hub:TrustedProxies", "ten")))).Message
            .ShouldContain("\"ten\"");
    }

    [Fact]
    public void A_wrong_option_is_told_with_its_name_its_value_and_its_range()
    {
        var failure = new OptionsValidationException("", typeof(AccountOptions), ["SignUp: must be open or closed"]);

        StartFailure.Explain(failure, Settings(("Accounts:SignUp", "maybe"))).ShouldBe(
            "Activity Hub cannot start: Accounts:SignUp is \"maybe\"; it must be open or closed");
    }

    [Fact]
    public void A_failure_is_one_line_and_a_surprise_is_none()
    {
        StartFailure.Explain(new LedgerUnavailableException("first\nsecond"), null).ShouldBe("Activity Hub cannot start: first second");
        StartFailure.Explain(new NotSupportedException(), null).ShouldBeNull();
    }

    [Fact]
    public void The_welcome_says_what_is_open_and_what_to_do_next()
    {
        var text = StartupBanner.Text(
            Settings(("Hub:AllowedCallbackNetworks", "127.0.0.0/8")), new HubOptions(), new AccountOptions(), "SQLite in /data",
            ["http://localhost:8080"], "abcde-fghjk");

        text.ShouldContain("http://localhost:8080");
        text.ShouldContain("SQLite in /data");
        text.ShouldContain("127.0.0.0/8");
        text.ShouldContain("curl -s http://localhost:8080/api/accounts");
        text.ShouldContain("abcde-fghjk");
        text.ShouldNotContain("\"code\"");
        StartupBanner.Text(Settings(), new HubOptions(), new AccountOptions(), "", [], null).ShouldNotContain("curl");
        StartupBanner.Text(
            Settings(), new HubOptions { PublicUrl = new Uri("https://hub.example.org") }, new AccountOptions(), "", [], "abcde-fghjk")
            .ShouldContain("\"code\":\"abcde-fghjk\"");
    }

    private static IConfiguration Settings(params (string Name, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build();
}
