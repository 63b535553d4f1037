using System.Net;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>Accounts in the hands of who runs the hub: by commands, and by the page.</summary>
public sealed class AdministrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Commands_work_on_a_hub_that_runs_and_on_one_that_is_stopped(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options => options.Settings["Accounts:SignUp"] = "open");
        var (ada, ben) = (await hub.SignUpAsync("ada@example.org"), await hub.SignUpAsync("ben@example.org"));
        await ben.AddDeviceAsync();

        var list = await AdminAsync(hub, "list");
        (list.Code, list.Output).ShouldBe((0, list.Output));
        list.Output.ShouldContain("ada@example.org  administrator");
        list.Output.ShouldContain("ben@example.org                 since");

        (await AdminAsync(hub, "demote", "ada@example.org")).Errors.ShouldContain("the only administrator");
        (await AdminAsync(hub, "promote", "BEN@example.org")).Code.ShouldBe(0);
        (await AdminAsync(hub, "demote", "ada@example.org")).Code.ShouldBe(0);
        (await AdminAsync(hub, "list", "ada")).Output.ShouldNotContain("administrator");

        (await AdminAsync(hub, "remove", "ada@example.org")).Errors.ShouldContain("--yes");
        (await ada.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AdminAsync(hub, "remove", "ada@example.org", "--yes")).Code.ShouldBe(0);
        (await ada.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        await hub.StopAsync();
        var reset = await AdminAsync(hub, "reset-password", "ben@example.org");
        var invited = await AdminAsync(hub, "invite", "cleo@example.org");
        (await AdminAsync(hub, "invite", "x@guest.invalid")).Code.ShouldBe(1);
        (await AdminAsync(hub, "promote", "nobody@example.org")).Errors.ShouldContain("There is no account");
        await hub.StartAsync();

        using var browser = new AccountsBrowser(hub);
        (await ChooseAsync(browser, LinkIn(reset), "/recover", "token", "new")).ShouldBe(HttpStatusCode.SeeOther);
        (await browser.SignInAsync("ben@example.org", "a newer password")).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await ChooseAsync(browser, LinkIn(reset), "/recover", "token", "new")).ShouldBe(HttpStatusCode.BadRequest);
        (await ChooseAsync(browser, LinkIn(invited), "/sign-up", "invitation", "password")).ShouldBe(HttpStatusCode.SeeOther);
        (await browser.PageAsync("/account")).ShouldContain("cleo@example.org");
    }

    [Fact]
    public async Task Words_that_are_no_command_change_nothing()
    {
        using var folder = new TempFolder();

        var unknown = await HubCommand.RunAsync("amdin", "list", "--Hub:DataDirectory", folder.Path);
        var wrong = await HubCommand.RunAsync("admin", "promote", "--Hub:DataDirectory", folder.Path);
        (unknown.Code, wrong.Code).ShouldBe((2, 2));
        unknown.Errors.ShouldContain("There is no command \"amdin\"");
        wrong.Errors.ShouldContain("needs an email address");
        foreach (var words in (string[][])[["admin", "list"], ["backup", Path.Combine(folder.Path, "backup")],
            ["move", "--ConnectionStrings:Ledger", "Host=127.0.0.1"]])
        {
            var nothing = await HubCommand.RunAsync([.. words, "--Hub:DataDirectory", Path.Combine(folder.Path, "none")]);

            nothing.Code.ShouldBe(1);
            nothing.Errors.ShouldContain("There is no ledger");
        }

        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task An_administrator_does_the_same_on_the_page_and_nobody_else_does(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options => options.Settings["Accounts:SignUp"] = "open");
        var (ada, ben) = (await hub.SignUpAsync("ada@example.org"), await hub.SignUpAsync("ben@example.org"));
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(ada.Email, ada.Password);
        var of = $"/admin/accounts/{ben.Id}";

        var page = await browser.PageAsync("/admin");
        page.ShouldContain($"action=\"{of}/password\"");
        page.ShouldContain("href=\"/hangfire\"");
        using var invitation = await browser.SendAsync("/admin", "/admin/invitations", ("email", "cleo@example.org"));
        (await invitation.Content.ReadAsStringAsync(Cancel)).ShouldContain("/sign-up?invitation=");
        using var password = await browser.SendAsync("/admin", of + "/password");
        (await password.Content.ReadAsStringAsync(Cancel)).ShouldContain("/recover?token=");
        using var last = await browser.SendAsync("/admin", $"/admin/accounts/{ada.Id}/role", ("administrator", "false"));
        last.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        using var made = await browser.SendAsync("/admin", of + "/role", ("administrator", "true"));
        made.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using var unmade = await browser.SendAsync("/admin", of + "/role", ("administrator", "false"));
        unmade.StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        using var other = new AccountsBrowser(hub);
        await other.SignInAsync(ben.Email, ben.Password);
        using var refused = await other.SendAsync("/account", "/admin/accounts/" + ada.Id + "/remove");
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var forged = await browser.PostAsync(of + "/remove");
        forged.StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await browser.PageAsync(of + "/remove")).ShouldContain("Remove ben@example.org?");
        using var removed = await browser.SendAsync(of + "/remove", of + "/remove");
        removed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ben.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_link_to_the_chores_opens_for_an_administrator_who_is_signed_in()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var (ada, ben) = (await hub.SignUpAsync("ada@example.org"), await hub.SignUpAsync("ben@example.org"));
        using var browser = new AccountsBrowser(hub);
        browser.Http.DefaultRequestHeaders.Add("Accept", "text/html");

        using var stranger = await browser.Http.GetAsync("/hangfire", Cancel);
        (stranger.StatusCode, stranger.Headers.Location!.OriginalString).ShouldBe(
            (HttpStatusCode.SeeOther, "/sign-in?returnUrl=%2Fhangfire"));
        await browser.SignInAsync(ben.Email, ben.Password);
        (await browser.Http.GetAsync("/hangfire", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var other = new AccountsBrowser(hub);
        await other.SignInAsync(ada.Email, ada.Password);
        using var opened = await other.Http.GetAsync("/hangfire", Cancel);
        opened.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await opened.Content.ReadAsStringAsync(Cancel)).ShouldContain("Activity Hub: chores");
        // A foreign page that has the browser post there has not the token of its forms.
        (await other.PostAsync("/hangfire/recurring/trigger", ("jobs[]", "x"))).StatusCode.ShouldNotBe(HttpStatusCode.NoContent);
    }

    private static async Task<HttpStatusCode> ChooseAsync(AccountsBrowser browser, Uri link, string action, string token, string password)
    {
        var value = link.Query.Split('=')[1];
        LoggedSecrets.Note("link", value);
        using var answer = await browser.SendAsync(link.PathAndQuery, action, (token, value), (password, "a newer password"));
        return answer.StatusCode;
    }

    private static Uri LinkIn(HubCommand.Ended ended) => new(ended.Output.Trim().Split('\n')[^1]);

    private static Task<HubCommand.Ended> AdminAsync(HubApp hub, params string[] words) => HubCommand.RunAsync(
        ["admin", .. words, "--Hub:PublicUrl", hub.BaseUrl, .. hub.LedgerConnectionString is { } ledger
            ? new[] { "--ConnectionStrings:Ledger", ledger } : ["--Hub:DataDirectory", hub.DataDirectory]]);
}
