using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class AccountsPasskeyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_passkey_opens_its_account_until_it_is_removed(Database database)
    {
        await using var hub = await StartAsync(database);
        var owner = await hub.SignUpAsync();
        using var authenticator = new AccountsAuthenticator(hub.BaseUrl);
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);

        using var added = await RegisterAsync(browser, authenticator, "my <phone>");
        added.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await browser.PageAsync("/account")).ShouldContain("my &lt;phone&gt;");

        using var other = new AccountsBrowser(hub);
        using (var entered = await SignInAsync(other, authenticator))
        {
            entered.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        }

        var page = await other.PageAsync("/account");
        page.ShouldContain(owner.Email);
        var remove = page[page.IndexOf("/account/passkeys/", StringComparison.Ordinal)..].Split('"')[0];
        (await other.SendAsync("/account", remove)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using var third = new AccountsBrowser(hub);
        using var refused = await SignInAsync(third, authenticator);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_foreign_origin_an_answer_sent_twice_a_copied_key_and_a_user_who_was_not_verified_are_refused()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        using var authenticator = new AccountsAuthenticator(hub.BaseUrl);
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);

        using (var phisher = new AccountsAuthenticator("https://evil.example"))
        {
            (await RegisterAsync(browser, phisher, "x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        (await RegisterAsync(browser, authenticator, "")).StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        // The question that it answers is gone.
        using var other = new AccountsBrowser(hub);
        var answer = authenticator.Get(await other.AskAsync("/sign-in", "/sign-in/passkey/options"));
        (await other.SendAsync("/sign-in", "/sign-in/passkey", ("credential", answer), ("returnUrl", "/account"))).StatusCode.ShouldBe(
            HttpStatusCode.SeeOther);
        await other.SendAsync("/account", "/sign-out");
        (await other.SendAsync("/sign-in", "/sign-in/passkey", ("credential", answer), ("returnUrl", "/account"))).StatusCode.ShouldBe(
            HttpStatusCode.Unauthorized);

        // Another browser's question.
        using var third = new AccountsBrowser(hub);
        answer = authenticator.Get(await other.AskAsync("/sign-in", "/sign-in/passkey/options"));
        (await third.SendAsync("/sign-in", "/sign-in/passkey", ("credential", answer), ("returnUrl", "/account"))).StatusCode.ShouldBe(
            HttpStatusCode.Unauthorized);

        authenticator.VerifiesUser = false;
        (await SignInAsync(third, authenticator)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        authenticator.VerifiesUser = true;
        authenticator.SignCount = 1;
        (await SignInAsync(third, authenticator)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        authenticator.SignCount = 100;
        (await SignInAsync(third, authenticator)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task The_script_is_served_by_the_hub_and_may_be_kept()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        using var browser = new AccountsBrowser(hub);
        var path = (await browser.PageAsync("/sign-in")).Split("<script src=\"")[1].Split('"')[0];

        using var answer = await browser.Http.GetAsync(path, Cancel);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/javascript");
        answer.Headers.CacheControl!.ToString().ShouldContain("immutable");
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("navigator.credentials");
    }

    private static async Task<HttpResponseMessage> RegisterAsync(
        AccountsBrowser browser, AccountsAuthenticator authenticator, string name) =>
        await browser.SendAsync("/account", "/account/passkeys", ("name", name),
            ("credential", authenticator.Create(await browser.AskAsync("/account", "/account/passkeys/options"))));

    private static async Task<HttpResponseMessage> SignInAsync(AccountsBrowser browser, AccountsAuthenticator authenticator) =>
        await browser.SendAsync("/sign-in", "/sign-in/passkey", ("returnUrl", "/account"),
            ("credential", authenticator.Get(await browser.AskAsync("/sign-in", "/sign-in/passkey/options"))));

    private static Task<HubApp> StartAsync(Database database) => HubApp.StartAsync(database, options => options.Settings["Roles"] = "hub");
}
