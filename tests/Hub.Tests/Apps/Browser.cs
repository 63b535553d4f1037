using System.Net;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

/// <summary>A browser in which an owner is signed in; it follows no redirect, so that tests see where it is sent.</summary>
internal sealed partial class Browser : IDisposable
{
    private Browser(string baseUrl) => Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        BaseAddress = new Uri(baseUrl),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HttpClient Http { get; }

    public static Browser Open(HubApp hub) => new(hub.BaseUrl);

    public static async Task<Browser> SignedInAsync(HubApp hub, TestOwner owner)
    {
        var browser = new Browser(hub.BaseUrl);
        var (_, page, asked) = await browser.GetAsync("/sign-in");
        asked.Dispose();
        using var content = new FormUrlEncodedContent(Hidden(page).DistinctBy(field => field.Key)
            .Append(KeyValuePair.Create("email", owner.Email)).Append(KeyValuePair.Create("password", owner.Password)));
        using var response = await browser.Http.PostAsync("/sign-in", content, Cancel);
        response.Headers.Contains("Set-Cookie").ShouldBeTrue(response.ToString());
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
        using var content = new FormUrlEncodedContent(
            Hidden(page).Concat(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        return await Http.PostAsync("/oauth/authorize", content, Cancel);
    }

    public void Dispose() => Http.Dispose();

    private static IEnumerable<KeyValuePair<string, string>> Hidden(string page) => HiddenFields().Matches(page)
        .Select(field => KeyValuePair.Create(WebUtility.HtmlDecode(field.Groups[1].Value), WebUtility.HtmlDecode(field.Groups[2].Value)));

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenFields();
}
