using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Chores;

// docs/http-api.md, Operators: /hangfire is for administrators; the first account of an installation is an administrator.
public sealed class DashboardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task The_dashboard_opens_to_the_administrator_and_to_nobody_else(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var administrator = await hub.SignUpAsync();
        var ordinary = await hub.SignUpAsync();

        (await AskAsync(hub, null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(hub, Basic(administrator.Email, "a wrong password"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await AskAsync(hub, Basic(ordinary.Email, ordinary.Password))).ShouldBe(HttpStatusCode.Forbidden);
        (await AskAsync(hub, new AuthenticationHeaderValue("Bearer", ordinary.Token))).ShouldBe(HttpStatusCode.Forbidden);
        (await AskAsync(hub, Basic(administrator.Email, administrator.Password))).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(hub, Basic(administrator.Email, administrator.Password), "/hangfire/recurring")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(hub, null, "/hangfire/recurring")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory, BothDatabases]
    public async Task The_dashboard_names_every_chore_and_no_secret(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var administrator = await hub.SignUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire/recurring");
        request.Headers.Authorization = Basic(administrator.Email, administrator.Password);

        using var response = await hub.Http.SendAsync(request, Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);

        foreach (var chore in new[] { "expire-leases", "erase", "prune-updates", "clean-up" })
        {
            page.ShouldContain(chore);
        }

        page.ShouldNotContain("Host=");
        page.ShouldNotContain("Username");
    }

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    private static async Task<HttpStatusCode> AskAsync(HubApp hub, AuthenticationHeaderValue? who, string path = "/hangfire")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = who;
        using var response = await hub.Http.SendAsync(request, Cancel);
        return response.StatusCode;
    }
}
