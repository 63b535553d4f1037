using System.Net;
using System.Net.Http.Headers;
using ActivityHub.Hub.Api;
using ActivityHub.Hub.Pages;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class AccountsPagesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_account_is_opened_signed_out_of_and_signed_in_to_with_a_browser_alone(Database database)
    {
        await using var hub = await StartAsync(database);
        using var browser = new AccountsBrowser(hub);

        using var opened = await browser.SendAsync("/sign-up", "/sign-up", ("email", "ada@example.org"), ("password", "a long password"));
        var account = await browser.PageAsync("/account");
        using var left = await browser.SendAsync("/account", "/sign-out");
        using var away = await browser.Http.GetAsync("/account?x=1", Cancel);
        using var wrong = await browser.SignInAsync("ada@example.org", "a wrong password");
        using var back = await browser.SignInAsync("ada@example.org", "a long password");

        opened.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        account.ShouldContain("ada@example.org, administrator");
        left.Headers.Location!.OriginalString.ShouldBe("/sign-in");
        away.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        away.Headers.Location!.OriginalString.ShouldBe("/sign-in?returnUrl=%2Faccount%3Fx%3D1");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        back.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory, BothDatabases]
    public async Task Signing_in_ends_the_session_that_the_browser_had(Database database)
    {
        await using var hub = await StartAsync(database);
        var owner = await hub.SignUpAsync();
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);
        using var copy = new AccountsBrowser(hub);
        copy.Http.DefaultRequestHeaders.Add("Cookie", $"session={browser.Cookies["session"]!.Value}");
        (await copy.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        // The page itself would lead on; any form of the account has the token.
        using var again = await browser.SendAsync(
            "/account", "/sign-in", ("email", owner.Email), ("password", owner.Password), ("returnUrl", "/account"));
        again.StatusCode.ShouldBe(HttpStatusCode.SeeOther);

        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await copy.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Theory, BothDatabases]
    public async Task The_password_is_changed_and_other_keys_are_ended_on_the_page(Database database)
    {
        await using var hub = await StartAsync(database);
        var owner = await hub.SignUpAsync();
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);

        using var wrong = await browser.SendAsync("/account", "/account/password", ("current", "not it"), ("new", "another long password"));
        using var right = await browser.SendAsync(
            "/account", "/account/password", ("current", owner.Password), ("new", "another long password"));

        wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        right.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        (await browser.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await owner.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var second = new AccountsBrowser(hub);
        await second.SignInAsync(owner.Email, "another long password");
        var page = await browser.PageAsync("/account");
        var end = page[page.IndexOf("/account/keys/", StringComparison.Ordinal)..].Split('"')[0];
        using var ended = await browser.SendAsync("/account", end);
        (await second.Http.GetAsync("/account", Cancel)).StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task The_api_takes_no_cookie_and_a_session_is_no_bearer_token()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);
        var session = browser.Cookies["session"]!.Value;

        (await browser.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        browser.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session);
        (await browser.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        hub.Logs.Mention(session).ShouldBeFalse();
        hub.Logs.Mention(owner.Password).ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://127.0.0.1", "session=", false)]
    [InlineData("https://hub.example.org", "__Host-session=", true)]
    public async Task The_cookie_is_for_this_host_and_not_for_scripts(string publicUrl, string name, bool secure)
    {
        await using var hub = await StartAsync(Database.Sqlite, options => options.Settings["Hub:PublicUrl"] = publicUrl);
        using var http = new HttpClient(
            new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        { BaseAddress = new Uri(hub.BaseUrl) };
        using var page = await http.GetAsync("/sign-up", Cancel);
        var form = page.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        var token = WebUtility.HtmlDecode(
            (await page.Content.ReadAsStringAsync(Cancel)).Split("__RequestVerificationToken\" value=\"")[1].Split('"')[0]);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-up");
        request.Headers.Add("Cookie", form.Split(';')[0]);
        request.Content = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), new("email", "ada@example.org"), new("password", "a long password")]);
        using var answer = await http.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith(name, StringComparison.Ordinal))
            .ToLowerInvariant();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
        cookie.ShouldContain("path=/");
        cookie.ShouldNotContain("domain=");
        cookie.Contains("; secure", StringComparison.Ordinal).ShouldBe(secure);
        page.Headers.Contains("Strict-Transport-Security").ShouldBe(secure);
        form.ToLowerInvariant().Contains("; secure", StringComparison.Ordinal).ShouldBe(secure);
    }

    [Theory]
    [InlineData("/account", true)]
    [InlineData("/oauth/authorize?client_id=x&state=%2F", true)]
    [InlineData("//evil.example", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("/a\\b", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("evil", false)]
    [InlineData("/\t/evil.example", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_a_path_of_the_hub_is_gone_on_to(string? url, bool taken) => LocalUrl.Of(url).ShouldBe(taken ? url : LocalUrl.Default);

    [Fact]
    public async Task Signing_in_leads_on_by_a_page_so_that_no_redirect_is_held_against_the_form()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        using var browser = new AccountsBrowser(hub);

        using var answer = await browser.SignInAsync(owner.Email, owner.Password, "/oauth/authorize?a=\"<b>");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldContain("""content="0;url=/oauth/authorize?a=&quot;&lt;b&gt;">""");
    }

    [Fact]
    public async Task Every_page_has_every_header_and_every_form_its_token()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);
        var routes = hub.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Distinct()
            .Where(route => route.Metadata.GetMetadata<HubRoute>() is not null).ToList();
        routes.Count(route => route.Metadata.GetMetadata<PageRoute>() is not null).ShouldBeGreaterThanOrEqualTo(16);

        foreach (var route in routes)
        {
            var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment =>
                segment.Parts[0] is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal
                    ? literal.Content
                    : "000000000000"));
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var answer = await browser.Http.SendAsync(request, Cancel);
                var name = $"{method} {path}";
                Header(answer, "X-Content-Type-Options").ShouldBe("nosniff", name);
                Header(answer, "Referrer-Policy").ShouldBe("no-referrer", name);
                Header(answer, "Cross-Origin-Opener-Policy").ShouldBe("same-origin", name);
                // The page that makes a browser a phone is the one that may ask where it is.
                Header(answer, "Permissions-Policy")!.ShouldContain(
                    path == "/phone" ? "geolocation=(self)" : "geolocation=()", customMessage: name);
                var policy = Header(answer, "Content-Security-Policy")!;
                policy.ShouldStartWith("default-src 'none'", customMessage: name);
                policy.ShouldContain("frame-ancestors 'none'", customMessage: name);
                policy.ShouldContain("base-uri 'none'", customMessage: name);
                // The API's reference writes styles as it runs (decision 17); no page may write scripts.
                (path == "/docs/api" ? policy.Replace("style-src 'self' 'unsafe-inline'", "", StringComparison.Ordinal) : policy)
                    .ShouldNotContain("unsafe", customMessage: name);
                if (route.Metadata.GetMetadata<PageRoute>() is null)
                {
                    continue;
                }

                Header(answer, "Cache-Control")!.ShouldContain("no-store", customMessage: name);
                if (method == "POST")
                {
                    answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, name);
                    continue;
                }

                var page = await browser.PageAsync(path);
                // A form that is posted as it is carries a token; one that acts by the API has that of its page, and leads nowhere without
                // a script.
                page.Split("method=\"post\"").Length.ShouldBe(page.Split("name=\"__RequestVerificationToken\"").Length, name);
                // One that only asks, by GET, changes nothing and needs none.
                page.Split("<form").Skip(1).Select(form => form.Split('>', 2)[0])
                    .Where(
                        form =>
                            !form.Contains("method=\"post\"", StringComparison.Ordinal) &&
                                !form.Contains(" data-", StringComparison.Ordinal) &&
                                !form.Contains("method=\"get\"", StringComparison.Ordinal))
                    .ShouldBeEmpty(name);
                page.Replace("<script src=\"/assets/", "", StringComparison.Ordinal).ShouldNotContain("<script", customMessage: name);
                page.ShouldNotContain(" onclick", customMessage: name);
                page.ShouldNotContain(" style=", customMessage: name);
            }
        }

        using var nowhere = await browser.Http.GetAsync("/nowhere", Cancel);
        Header(nowhere, "X-Content-Type-Options").ShouldBe("nosniff");
    }

    [Fact]
    public async Task A_form_of_another_browser_is_refused()
    {
        await using var hub = await StartAsync(Database.Sqlite);
        var (ada, bob) = (await hub.SignUpAsync(), await hub.SignUpAsync());
        using var adas = new AccountsBrowser(hub);
        using var bobs = new AccountsBrowser(hub);
        await adas.SignInAsync(ada.Email, ada.Password);
        await bobs.SignInAsync(bob.Email, bob.Password);

        using var answer = await adas.PostAsync("/account/password", ("__RequestVerificationToken", await bobs.TokenAsync("/account")),
            ("current", ada.Password), ("new", "another long password"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await hub.Http.GetAsync("/sign-in", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void A_page_may_let_its_form_lead_to_one_origin_and_no_more_is_written_into_the_policy()
    {
        using var services = new ServiceCollection().AddOptions().BuildServiceProvider();
        var response = new Microsoft.AspNetCore.Http.DefaultHttpContext { RequestServices = services }.Response;

        Html.Page(response, "x", "", hasForms: true, formsLeadTo: new Uri("https://app.example.org:8443/cb?x=1"));

        response.Headers.ContentSecurityPolicy.ToString().ShouldEndWith("form-action 'self' https://app.example.org:8443");
    }

    [Fact]
    public async Task Closed_means_closed_on_the_page_too()
    {
        await using var hub = await StartAsync(Database.Sqlite, options => options.Settings["Accounts:SignUp"] = "closed");
        using var browser = new AccountsBrowser(hub);

        using var page = await browser.Http.GetAsync("/sign-up", Cancel);
        using var posted = await browser.SendAsync("/sign-in", "/sign-up", ("email", "ada@example.org"), ("password", "a long password"));

        page.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var open in (string[])["/", "/sign-in", "/docs"])
        {
            (await hub.GetStringAsync(open)).ShouldNotContain("/sign-up");
        }

        (await hub.GetStringAsync("/")).ShouldNotContain("/api/accounts");

        posted.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static Task<HubApp> StartAsync(Database database, Action<HubAppOptions>? configure = null) =>
        HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub";
            configure?.Invoke(options);
        });
}
