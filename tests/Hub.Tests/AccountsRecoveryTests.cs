using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ActivityHub.Hub.Accounts;
using ActivityHub.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed partial class AccountsRecoveryTests
{
    private const string Fresh = "a fresh battery staple 8?";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Whoever_reads_the_mail_of_an_account_gets_in_again_and_everybody_else_out(Database database)
    {
        await using var server = new MailServer();
        await using var hub = await StartAsync(server, database);
        var owner = await hub.SignUpAsync();
        await server.NextAsync();
        using var signedIn = new AccountsBrowser(hub);
        await signedIn.SignInAsync(owner.Email, owner.Password);
        using var browser = new AccountsBrowser(hub);
        (await browser.PageAsync("/sign-in")).ShouldContain("/forgot");

        using var asked = await browser.SendAsync("/forgot", "/forgot", ("email", owner.Email));
        asked.StatusCode.ShouldBe(HttpStatusCode.OK);
        var mail = await server.NextAsync();
        mail.ShouldContain($"To: {owner.Email}");
        var token = Link().Match(mail) is { Success: true } link ? link.Groups[1].Value : throw new InvalidOperationException(mail);
        (await SetAsync(browser, token, "short")).ShouldBe(HttpStatusCode.BadRequest);
        (await SetAsync(browser, token[..^3], Fresh)).ShouldBe(HttpStatusCode.BadRequest);

        (await SetAsync(browser, token, Fresh)).ShouldBe(HttpStatusCode.SeeOther);

        (await server.NextAsync()).ShouldContain("was changed");
        (await owner.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await signedIn.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await SignInAsync(hub, owner.Email, owner.Password)).ShouldBe(HttpStatusCode.Unauthorized);
        (await SignInAsync(hub, owner.Email, Fresh)).ShouldBe(HttpStatusCode.Created);
        // Once.
        (await SetAsync(browser, token, "another battery staple 9!")).ShouldBe(HttpStatusCode.BadRequest);
        (await SignInAsync(hub, owner.Email, Fresh)).ShouldBe(HttpStatusCode.Created);
        hub.Logs.Mention(token).ShouldBeFalse();
        hub.Logs.Mention(Fresh).ShouldBeFalse();
    }

    [Fact]
    public async Task The_answer_is_the_same_whether_there_is_an_account_or_not()
    {
        await using var server = new MailServer();
        await using var hub = await StartAsync(server);
        var owner = await hub.SignUpAsync();
        await server.NextAsync();
        using var browser = new AccountsBrowser(hub);

        var there = await AskAsync(browser, owner.Email);
        var again = await AskAsync(browser, owner.Email);
        var nobody = await AskAsync(browser, "nobody@example.org");

        again.ShouldBe(there);
        nobody.ShouldBe(there);
        (await server.NextAsync()).ShouldContain("/recover?token=");
        // One mail, whoever asks how often: the next is the one for another account.
        var other = await hub.SignUpAsync();
        (await server.NextAsync()).ShouldContain($"To: {other.Email}");
    }

    [Theory, BothDatabases]
    public async Task An_address_is_sent_one_mail_in_ten_minutes_over_restarts_and_however_many_ask_at_once(Database database)
    {
        var clock = new MovableClock();
        await using var server = new MailServer();
        await using var hub = await StartAsync(server, database, clock);
        var owner = await hub.SignUpAsync();
        (await server.NextAsync()).ShouldContain("/confirm-email");
        var asking = hub.Services.GetRequiredService<PasswordReset>();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => asking.AskAsync(owner.Email, Cancel)));
        (await server.NextAsync()).ShouldContain("/recover?token=");
        await hub.RestartAsync();
        await hub.Services.GetRequiredService<PasswordReset>().AskAsync(owner.Email.ToUpperInvariant(), Cancel);
        (await owner.Http.PostAsync("/api/account/confirmation", null, Cancel)).IsSuccessStatusCode.ShouldBeTrue();

        // Nothing of the second came: the next is for another account. The pace is by address.
        var other = await hub.SignUpAsync();
        (await server.NextAsync()).ShouldContain($"To: {other.Email}");
        clock.Forward(TimeSpan.FromMinutes(11));
        await hub.Services.GetRequiredService<PasswordReset>().AskAsync(owner.Email, Cancel);
        (await server.NextAsync()).ShouldContain($"To: {owner.Email}");
    }

    [Fact]
    public async Task A_link_holds_for_an_hour()
    {
        var clock = new MovableClock();
        await using var server = new MailServer();
        await using var hub = await StartAsync(server, time: clock);
        var owner = await hub.SignUpAsync();
        await server.NextAsync();
        using var browser = new AccountsBrowser(hub);
        await AskAsync(browser, owner.Email);
        var token = Link().Match(await server.NextAsync()).Groups[1].Value;

        clock.Forward(TimeSpan.FromMinutes(61));

        (await SetAsync(browser, token, Fresh)).ShouldBe(HttpStatusCode.BadRequest);
        (await SignInAsync(hub, owner.Email, owner.Password)).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_link_is_void_once_the_password_was_changed_in_another_way()
    {
        await using var server = new MailServer();
        await using var hub = await StartAsync(server);
        var owner = await hub.SignUpAsync();
        await server.NextAsync();
        using var browser = new AccountsBrowser(hub);
        await AskAsync(browser, owner.Email);
        var token = Link().Match(await server.NextAsync()).Groups[1].Value;
        (await owner.Http.PostAsJsonAsync(
            "/api/account/password", new { current = owner.Password, @new = Fresh }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await SetAsync(browser, token, "another battery staple 9!")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Whoever_asks_for_many_addresses_is_slowed()
    {
        await using var server = new MailServer();
        await using var hub = await StartAsync(server);
        using var browser = new AccountsBrowser(hub);
        var form = await browser.TokenAsync("/forgot");

        var last = HttpStatusCode.OK;
        for (var i = 0; i < 12 && last == HttpStatusCode.OK; i++)
        {
            using var answer = await browser.PostAsync(
                "/forgot", ("__RequestVerificationToken", form), ("email", $"guess-{i}@example.org"));
            last = answer.StatusCode;
        }

        last.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Without_a_mailer_there_is_no_such_way()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Roles"] = "hub");
        using var browser = new AccountsBrowser(hub);

        (await browser.PageAsync("/sign-in")).ShouldNotContain("/forgot");
        (await browser.PageAsync("/forgot")).ShouldContain("sends no mails");
    }

    private static Task<HubApp> StartAsync(MailServer server, Database database = Database.Sqlite, TimeProvider? time = null) =>
        HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub";
            options.Time = time;
            server.Configure(options);
        });

    private static async Task<string> AskAsync(AccountsBrowser browser, string email)
    {
        using var answer = await browser.SendAsync("/forgot", "/forgot", ("email", email));
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}";
    }

    private static async Task<HttpStatusCode> SetAsync(AccountsBrowser browser, string token, string password)
    {
        using var answer = await browser.SendAsync($"/recover?token={token}", "/recover", ("token", token), ("new", password));
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> SignInAsync(HubApp hub, string email, string password)
    {
        using var answer = await hub.Http.PostAsJsonAsync("/api/tokens", new { email, password }, Cancel);
        return answer.StatusCode;
    }

    [GeneratedRegex("/recover\\?token=([A-Za-z0-9_-]+)")]
    private static partial Regex Link();
}
