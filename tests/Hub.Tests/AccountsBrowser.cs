using System.Net;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>Somebody's browser: keeps cookies, follows nothing, and sends forms as the pages have them.</summary>
internal sealed partial class AccountsBrowser : IDisposable
{
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };

    public AccountsBrowser(HubApp hub)
    {
        Http = new HttpClient(_handler) { BaseAddress = new Uri(hub.BaseUrl) };
        Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "Test/1.0 (a browser)");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HttpClient Http { get; }

    public CookieCollection Cookies => _handler.CookieContainer.GetAllCookies();

    public async Task<string> PageAsync(string path)
    {
        using var answer = await Http.GetAsync(path, Cancel);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    /// <summary>Opens a page and sends one of its forms.</summary>
    public async Task<HttpResponseMessage> SendAsync(string page, string action, params (string Name, string Value)[] fields) =>
        await PostAsync(action, [("__RequestVerificationToken", await TokenAsync(page)), .. fields]);

    public async Task<HttpResponseMessage> PostAsync(string action, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await Http.PostAsync(action, form, Cancel);
    }

    /// <summary>What the page's script does: asks for a challenge.</summary>
    public async Task<string> AskAsync(string page, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("RequestVerificationToken", await TokenAsync(page));
        using var answer = await Http.SendAsync(request, Cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancel);
    }

    public async Task<HttpResponseMessage> SignInAsync(string email, string password, string returnUrl = "/account")
    {
        LoggedSecrets.Note("password", password);
        var answer = await SendAsync("/sign-in", "/sign-in", ("email", email), ("password", password), ("returnUrl", returnUrl));
        foreach (Cookie cookie in Cookies)
        {
            LoggedSecrets.Note("cookie", cookie.Value);
        }

        return answer;
    }

    public async Task<string> TokenAsync(string page) =>
        WebUtility.HtmlDecode(
            FormToken().Match(await PageAsync(page)) is { Success: true } match
                ? match.Groups[1].Value
                : throw new InvalidOperationException($"{page} has no form."));

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
