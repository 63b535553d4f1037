using System.Net;
using System.Net.Http.Json;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>Who becomes the administrator of a fresh hub.</summary>
public sealed class FirstAdministratorTests
{
    private const string Password = "a long password";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Who_reaches_a_public_hub_first_is_no_administrator(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options => options.Settings["Hub:PublicUrl"] = "https://hub.example.org");

        (await SignUpAsync(hub, "stranger@example.org")).ShouldBe(HttpStatusCode.Created);

        (await AdministratorsAsync(hub)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    [InlineData("X-Real-IP", "203.0.113.9")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Host", "rebound.example.org")]
    public async Task Who_comes_by_a_proxy_or_another_name_is_no_administrator(string header, string value)
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);

        (await SignUpAsync(hub, "stranger@example.org", header: (header, value))).ShouldBe(HttpStatusCode.Created);
        (await AdministratorsAsync(hub)).ShouldBeEmpty();

        // The owner of the machine still can.
        (await SignUpAsync(hub, "owner@example.org")).ShouldBe(HttpStatusCode.Created);
        (await AdministratorsAsync(hub)).ShouldBe(["owner@example.org"]);
    }

    [Fact]
    public async Task A_client_that_a_trusted_proxy_names_is_no_administrator()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Hub:TrustedProxies"] = "127.0.0.0/8");

        (await SignUpAsync(hub, "stranger@example.org", header: ("X-Forwarded-For", "127.0.0.1"))).ShouldBe(HttpStatusCode.Created);

        (await AdministratorsAsync(hub)).ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task The_code_of_the_start_makes_one_administrator_and_opens_nothing_afterwards(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Hub:PublicUrl"] = "https://hub.example.org";
            options.Settings["Accounts:SignUp"] = "closed";
        });
        var code = await CodeAsync(hub);
        await hub.RestartAsync();
        (await CodeAsync(hub)).ShouldBe(code);

        (await SignUpAsync(hub, "nobody@example.org")).ShouldBe(HttpStatusCode.Forbidden);
        (await SignUpAsync(hub, "nobody@example.org", "abcde-abcde-abcde-abcde")).ShouldBe(HttpStatusCode.Forbidden);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(
                index => SignUpAsync(hub, $"owner-{index}@example.org", code!.ToUpperInvariant().Replace('-', ' '))));

        answers.Count(answer => answer == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer == HttpStatusCode.Forbidden).ShouldBe(5);
        (await AdministratorsAsync(hub)).Count.ShouldBe(1);
        (await CodeAsync(hub)).ShouldBeNull();
        (await SignUpAsync(hub, "late@example.org", code)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_page_takes_the_code_as_well()
    {
        await using var hub = await HubApp.StartAsync(
            Database.Sqlite, options => options.Settings["Hub:PublicUrl"] = $"http://hub.example.org");
        using var browser = new AccountsBrowser(hub);

        using var wrong = await browser.SendAsync(
            "/sign-up", "/sign-up", ("email", "ada@example.org"), ("password", Password), ("code", "no"));
        using var right = await browser.SendAsync(
            "/sign-up", "/sign-up", ("email", "ada@example.org"), ("password", Password), ("code", (await CodeAsync(hub))!));

        wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        right.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await AdministratorsAsync(hub)).ShouldBe(["ada@example.org"]);
    }

    [Fact]
    public async Task An_account_may_be_asked_for_as_an_ordinary_one()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);

        using var answer = await hub.Http.PostAsJsonAsync(
            "/api/accounts", new { email = "phones@example.org", password = Password, administrator = false }, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await AdministratorsAsync(hub)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("x@guest.invalid")]
    [InlineData("x@GUEST.Invalid")]
    [InlineData("x@\uff47uest.invalid")]
    [InlineData("x@guest\u3002invalid")]
    [InlineData("x@sub.guest.invalid")]
    [InlineData("x@guest.invalid.")]
    [InlineData("x@gu\u00adest.invalid")]
    [InlineData("x@guest.invalid\u200b")]
    public async Task The_domain_of_guests_is_nobodys(string email)
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        using var browser = new AccountsBrowser(hub);

        (await SignUpAsync(hub, email)).ShouldBe(HttpStatusCode.BadRequest);
        using var answer = await browser.SendAsync("/sign-up", "/sign-up", ("email", email), ("password", Password));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static Task<string?> CodeAsync(HubApp hub) => hub.Services.GetRequiredService<FirstAdministrator>().ReadCodeAsync(Cancel);

    private static async Task<HttpStatusCode> SignUpAsync(
        HubApp hub, string email, string? code = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/api/accounts")
        { Content = JsonContent.Create(new { email, password = Password, code }) };
        if (header is { } given)
        {
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        }

        using var answer = await hub.Http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    private static async Task<List<string>> AdministratorsAsync(HubApp hub)
    {
        await using var context = await hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);
        return await context.Accounts.Where(account => account.IsAdministrator).Select(account => account.Email).ToListAsync(Cancel);
    }
}
