using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed partial class AccountsMailTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Where_there_is_a_mailer_the_first_phone_waits_for_the_address_to_be_confirmed(Database database)
    {
        await using var server = new MailServer();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub";
            options.Settings["Mail:Host"] = "127.0.0.1";
            options.Settings["Mail:Port"] = server.Port.ToString();
            options.Settings["Mail:Security"] = "none";
            options.Settings["Mail:From"] = "Hub <hub@example.org>";
        });
        var owner = await hub.SignUpAsync();
        var mail = await server.NextAsync();
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);

        using var early = await owner.Http.PostAsJsonAsync("/api/devices", new { name = "phone" }, Cancel);
        early.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await browser.PageAsync("/account")).ShouldContain("not confirmed");
        mail.ShouldContain($"To: {owner.Email}");
        var link = Link().Match(mail);
        link.Success.ShouldBeTrue(mail);
        link.Groups[1].Value.ShouldBe(hub.BaseUrl);

        var page = link.Groups[2].Value;
        (string, string)[] wrong = [("account", link.Groups[3].Value), ("token", link.Groups[4].Value[..^4])];
        (string, string)[] right = [("account", link.Groups[3].Value), ("token", link.Groups[4].Value)];
        (await browser.SendAsync(page, "/confirm-email", wrong)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        // Looking at the link is not enough: programs do that.
        (await owner.Http.PostAsJsonAsync("/api/devices", new { name = "phone" }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await browser.SendAsync(page, "/confirm-email", right)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        (await owner.Http.PostAsJsonAsync("/api/devices", new { name = "phone" }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await owner.Http.PostAsync("/api/account/confirmation", null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        hub.Logs.Mention(link.Groups[4].Value).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_mailer_nothing_asks_for_it()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Roles"] = "hub");
        var owner = await hub.SignUpAsync();

        await owner.AddDeviceAsync();

        (await owner.Http.PostAsync("/api/account/confirmation", null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_mail_that_the_server_does_not_take_is_tried_again_and_holds_up_none()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var port = FreePort.Find();
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            options.Settings["Roles"] = "hub";
            options.Settings["Mail:Host"] = "127.0.0.1";
            options.Settings["Mail:Port"] = port.ToString();
            options.Settings["Mail:Security"] = "none";
            options.Settings["Mail:From"] = "Hub <hub@example.org>";
            options.Time = clock;
        });
        var given = await hub.SignUpAsync();
        await Eventually.ShouldAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(hub.Logs.Mention("(try 3)"));
        });

        var late = await hub.SignUpAsync();
        await using var server = new MailServer(port);
        string? mail = null;
        await Eventually.ShouldAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(server.Took(out mail));
        });

        mail!.ShouldContain($"To: {late.Email}");
        hub.Logs.Mention(given.Email).ShouldBeFalse();
    }

    [Fact]
    public async Task A_mailer_without_a_sender_stops_the_start() =>
        (await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            HubApp.StartAsync(Database.Sqlite, options =>
            {
                options.Settings["Roles"] = "hub";
                options.Settings["Mail:Host"] = "mail.example.org";
            }))).Message.ShouldContain("From");

    [GeneratedRegex("(http://[0-9.:]+)(/confirm-email\\?account=([0-9a-z]+)&token=([A-Za-z0-9_-]+))")]
    private static partial Regex Link();
}
