using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using ActivityHub.Hub.Accounts;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

/// <summary>A browser in which an owner is signed in; it follows no redirect, so that tests see where it is sent.</summary>
internal sealed partial class Browser : IDisposable
{
    private const string SessionPath = "/test/session/";

    private Browser(string baseUrl) => Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        BaseAddress = new Uri(baseUrl),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HttpClient Http { get; }

    /// <summary>Lets tests sign in without a password: asks the cookie's scheme for a session.</summary>
    public static void Prepare(HubAppOptions options) => options.Configure += builder => builder.Services.AddSingleton<IStartupFilter, Door>();

    public static Browser Open(HubApp hub) => new(hub.BaseUrl);

    public static async Task<Browser> SignedInAsync(HubApp hub, Owner owner)
    {
        var browser = new Browser(hub.BaseUrl);
        using var response = await browser.Http.GetAsync(SessionPath + owner.Id, Cancel);
        response.EnsureSuccessStatusCode();
        return browser;
    }

    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> GetAsync(string url)
    {
        var response = await Http.GetAsync(url, Cancel);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel), response);
    }

    /// <summary>Sends the form of a consent page, with its hidden fields and whatever is added.</summary>
    public async Task<HttpResponseMessage> SendAsync(string page, params IEnumerable<(string Name, string Value)> fields)
    {
        var form = HiddenFields().Matches(page).Select(field => (Name: WebUtility.HtmlDecode(field.Groups[1].Value), Value: WebUtility.HtmlDecode(field.Groups[2].Value)))
            .Concat(fields).Select(field => KeyValuePair.Create(field.Name, field.Value));
        using var content = new FormUrlEncodedContent(form);
        return await Http.PostAsync("/oauth/authorize", content, Cancel);
    }

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenFields();

    private sealed class Door : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, after) =>
            {
                if (context.Request.Path.StartsWithSegments(SessionPath.TrimEnd('/'), StringComparison.Ordinal, out var account))
                {
                    var identity = new ClaimsIdentity(SessionCookie.Scheme);
                    identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, account.Value!.Trim('/')));
                    await context.SignInAsync(SessionCookie.Scheme, new ClaimsPrincipal(identity));
                    return;
                }

                await after(context);
            });
            next(app);
        };
    }
}
